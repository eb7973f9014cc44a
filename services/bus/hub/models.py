"""The tables of the hub: members, signing keys, and which members files were imported.

A secret is kept only as a salted hash, a private key only as a file: neither can be read from the database.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.kit.columns import JsonDoc, UtcDateTime
from services.bus.kit.tx import new_base

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase

    class Base(DeclarativeBase): ...

else:
    Base = new_base()

metadata = Base.metadata


class Member(Base):
    """Who may speak on the axis (thành viên): a system with a client id, a secret and scopes."""

    __tablename__ = "members"

    client_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10))
    """"active" or "suspended"."""
    scopes: Mapped[list[str]] = mapped_column(JsonDoc)
    secret_hash: Mapped[str] = mapped_column(String(200))
    """See `secrets.hash_secret`."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    secret_changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SigningKey(Base):
    """A key that signs tokens or did. The one that is not retired signs; the others are only published."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    longest_lifetime_s: Mapped[int]
    """The longest life of any token signed with it: settings may have changed while it signed."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ImportedFile(Base):
    """The content of the members file as it was last imported."""

    __tablename__ = "imported_files"

    name: Mapped[str] = mapped_column(String(50), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)
