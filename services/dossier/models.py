"""Tables of the one-stop shop: dossiers (hồ sơ), their steps, and the numbers they are given.

A step is written once with its dossier and afterwards only told what became of it on the portal. Lists that
are always read whole (fees, supplements, papers) are JSON: one row a dossier keeps intake fast.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Index, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.kit.columns import JsonDoc, UtcDateTime
from services.bus.kit.plain import Plain
from services.bus.kit.tx import new_base

Base = new_base()


class Dossier(Plain, Base):  # type: ignore[misc, valid-type]
    """One dossier as it stands. `version` counts its steps; a change elsewhere in the row keeps it."""

    __tablename__ = "dossiers"
    __table_args__ = (
        Index("ix_dossiers_agency_status", "receiving_agency", "status", "code"),
        Index("ix_dossiers_personal_id", "personal_id"),
        Index("ix_dossiers_created_at", "created_at", "code"),
        Index("ix_dossiers_folded_name", "folded_name"),
    )
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int]
    status: Mapped[int] = mapped_column(SmallInteger)
    procedure_code: Mapped[str] = mapped_column(String(40))
    receiving_agency: Mapped[str] = mapped_column(String(35))
    channel: Mapped[str] = mapped_column(String(10))
    personal_id: Mapped[str] = mapped_column(String(12))
    full_name: Mapped[str] = mapped_column(String(100))
    folded_name: Mapped[str] = mapped_column(String(100))
    date_of_birth: Mapped[date] = mapped_column(Date)
    phone: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(254))
    kind: Mapped[int] = mapped_column(SmallInteger)
    summary: Mapped[str | None] = mapped_column(String(1000))
    form: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    plan: Mapped[str | None] = mapped_column(String(16))
    """The plan systems carry it out by; None where an officer does."""
    portal_reference: Mapped[str | None] = mapped_column(String(60), unique=True)
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deadline: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)
    """The deadline with its reasons, as `Deadline.document()` gives it."""
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_from: Mapped[int | None] = mapped_column(SmallInteger)
    """The status a pause began at, and goes back to."""
    supplement_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    verification: Mapped[str] = mapped_column(String(12))
    verification_attempts: Mapped[int] = mapped_column(SmallInteger)
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fees: Mapped[list[dict[str, Any]]] = mapped_column(JsonDoc)
    supplements: Mapped[list[dict[str, Any]]] = mapped_column(JsonDoc)
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JsonDoc)
    results: Mapped[list[dict[str, Any]]] = mapped_column(JsonDoc)


Index(
    "ix_dossiers_unverified",
    Dossier.code,
    sqlite_where=Dossier.verification == "pending",
    postgresql_where=Dossier.verification == "pending",
)


class Step(Base):  # type: ignore[misc, valid-type]
    """One step of a dossier, and what became of it on the national portal."""

    __tablename__ = "steps"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[int] = mapped_column(SmallInteger)
    action: Mapped[str | None] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    officer: Mapped[str] = mapped_column(String(50))
    department: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sync_state: Mapped[str] = mapped_column(String(12))
    """"pending", "acknowledged" or "refused"."""
    sync_reason: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(SmallInteger)


class Sequence(Plain, Base):  # type: ignore[misc, valid-type]
    """The last number given on one day at one agency; `id` is `<agency>-<yymmdd>`."""

    __tablename__ = "sequences"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    id: Mapped[str] = mapped_column(String(50), primary_key=True)
    last: Mapped[int]


class Upload(Base):  # type: ignore[misc, valid-type]
    """A file of a dossier: what was announced of it, what it turned out to be, and what became of it.

    `state` is "open" while bytes are missing, then "complete", and "removed" once it was taken back; a
    removed one stays as the record of who did it and when. The bytes lie in the data folder under `file`,
    which is the id of the upload that brought them: a paper that is reused shares them.
    """

    __tablename__ = "uploads"
    __table_args__ = (
        Index("ix_uploads_code", "code"),
        Index("ix_uploads_file", "file"),
        Index("ix_uploads_state_expires_at", "state", "expires_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    file: Mapped[str] = mapped_column(String(36))
    code: Mapped[str] = mapped_column(String(60))
    purpose: Mapped[str] = mapped_column(String(10))
    """"attachment" or "result"."""
    state: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(255))
    component: Mapped[str | None] = mapped_column(String(60))
    media_type: Mapped[str] = mapped_column(String(100))
    digitised: Mapped[bool]
    reused: Mapped[bool]
    reused_from: Mapped[str | None] = mapped_column(String(36))
    times_reused: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    """None while open."""
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When an open one is given up; None afterwards."""
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_by: Mapped[str | None] = mapped_column(String(100))
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
