"""Tables of electronic results: what was issued, to whom it belongs, where it was used again, who looked.

A result's document is text, not JSON: it is kept byte for byte as it was signed.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.kit.columns import JsonDoc, UtcDateTime
from services.bus.kit.plain import Plain
from services.dossier.models import Base


class IssuedResult(Plain, Base):  # type: ignore[misc, valid-type]
    """One result. What is signed never changes; beside it stands what became of it. `version` counts its
    events."""

    __tablename__ = "issued_results"
    __table_args__ = (
        Index("ix_issued_results_verification_code", "verification_code", unique=True),
        Index("ix_issued_results_dossier", "dossier_code"),
        Index("ix_issued_results_subject", "subject", "kind"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(50))
    """The national code of the kind (MaKetQua)."""
    number: Mapped[str | None] = mapped_column(String(200))
    subject: Mapped[str | None] = mapped_column(String(200))
    """What it is about, where only one result at a time can be: a parcel, a mortgage."""
    owner_id: Mapped[str] = mapped_column(String(14))
    owner_name: Mapped[str] = mapped_column(String(200))
    holders: Mapped[list[str]] = mapped_column(JsonDoc)
    """The owner and the others, as in `ResultHolder`."""
    dossier_code: Mapped[str] = mapped_column(String(60))
    procedure_code: Mapped[str] = mapped_column(String(40))
    agency: Mapped[str] = mapped_column(String(35))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    valid_until: Mapped[date | None] = mapped_column(Date)
    verification_code: Mapped[str] = mapped_column(String(19))
    document: Mapped[str] = mapped_column(Text)
    """The signed part, in canonical JSON."""
    signature: Mapped[str] = mapped_column(Text)
    key_id: Mapped[str] = mapped_column(String(60))
    supersedes: Mapped[str | None] = mapped_column(String(36))
    superseded_by: Mapped[str | None] = mapped_column(String(36))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_by: Mapped[str | None] = mapped_column(String(100))
    revoked_reason: Mapped[str | None] = mapped_column(Text)
    times_reused: Mapped[int]


class ResultHolder(Base):  # type: ignore[misc, valid-type]
    """Somebody in whose store a result lies: its owner, and others it belongs to (both spouses, the parents)."""

    __tablename__ = "result_holders"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    holder_id: Mapped[str] = mapped_column(String(14), primary_key=True)
    result_id: Mapped[str] = mapped_column(String(36), primary_key=True)


class ResultReuse(Base):  # type: ignore[misc, valid-type]
    """A result that a dossier took instead of a paper (tái sử dụng)."""

    __tablename__ = "result_reuses"
    __table_args__ = (
        Index("ix_result_reuses_kind", "kind", "procedure_code"),
        Index("ix_result_reuses_dossier", "dossier_code"),
        Index("ix_result_reuses_at", "at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """The id of the paper it became."""
    result_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(50))
    procedure_code: Mapped[str] = mapped_column(String(40))
    dossier_code: Mapped[str] = mapped_column(String(60))
    component: Mapped[str] = mapped_column(String(60))
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ResultKey(Plain, Base):  # type: ignore[misc, valid-type]
    """The public half of a key that signs results, or did."""

    __tablename__ = "result_keys"

    kid: Mapped[str] = mapped_column(String(60), primary_key=True)
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ResultLookup(Base):  # type: ignore[misc, valid-type]
    """One look into somebody's store (nhật ký khai thác), written in the transaction that reads."""

    __tablename__ = "result_lookups"
    __table_args__ = (
        Index("ix_result_lookups_owner", "owner_id", "at"),
        Index("ix_result_lookups_at", "at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    client_id: Mapped[str] = mapped_column(String(100))
    agency: Mapped[str | None] = mapped_column(String(35))
    officer: Mapped[str | None] = mapped_column(String(50))
    procedure_code: Mapped[str] = mapped_column(String(40))
    dossier: Mapped[str] = mapped_column(String(60))
    owner_id: Mapped[str] = mapped_column(String(14))
    what: Mapped[str] = mapped_column(String(10))
    """"results" or "offers"."""
    shown: Mapped[int]
