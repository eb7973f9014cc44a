"""The tables of the land registry, in the shape of LADM: parcel, right, share, restriction, certificate, source.

What can change is a row in force in [valid_from, valid_to), with the change that began it and the one that ended
it; rows are never overwritten. Areas are hundredths of a square metre, shares numerator and denominator. What may
never be twice (a right of use, a live certificate, a pending change) a partial index keeps from being twice.
References are plain keys that commands check: an import adds rows by the thousand, past the unit of work.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BigInteger, Date, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.kit.columns import JsonDoc, UtcDateTime
from services.bus.kit.desk import TaskInHand
from services.bus.kit.importing.models import ImportInHand, LineNotTaken
from services.bus.kit.plain import Plain
from services.bus.kit.tx import new_base

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase as Base
else:
    Base = new_base()

metadata = Base.metadata

_NO_ROWID = {"sqlite_with_rowid": False}
_LIVE = text("valid_to IS NULL")
_Key = String(18).with_variant(String(18, collation="C"), "postgresql")
"""Sorted letter by letter, so that an index finds the parcels of a commune by how their keys begin."""


def _one_live(name: str, column: str, also: str = "") -> Index:
    where = text(f"valid_to IS NULL{also}")
    return Index(name, column, unique=True, sqlite_where=where, postgresql_where=where)


def _live(name: str, *columns: str) -> Index:
    return Index(name, *columns, sqlite_where=_LIVE, postgresql_where=_LIVE)


class Entry:
    """A fact in force in [valid_from, valid_to), entered at `recorded_at`. `begun_by` and `ended_by` are changes;
    what came by an import was begun by the import."""

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    parcel_key: Mapped[str] = mapped_column(_Key)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    begun_by: Mapped[str] = mapped_column(String(36))
    ended_by: Mapped[str | None] = mapped_column(String(36))


class Parcel(Base):
    """A parcel (thửa đất). `version` counts its events; the unit code is valid on `registered_on`."""

    __tablename__ = "parcels"
    __table_args__ = (Index("ix_parcels_sheet", "unit_code", "map_sheet", "parcel_number"), _NO_ROWID)

    key: Mapped[str] = mapped_column(_Key, primary_key=True)
    version: Mapped[int]
    unit_code: Mapped[str] = mapped_column(String(5))
    map_sheet: Mapped[int]
    parcel_number: Mapped[int]
    registered_on: Mapped[date] = mapped_column(Date)
    retired_on: Mapped[date | None] = mapped_column(Date)
    """The day a split or merge ended it."""


class Description(Entry, Base):
    """How a parcel is described: area, land uses, place, address."""

    __tablename__ = "descriptions"
    __table_args__ = (
        Index("ix_descriptions_parcel", "parcel_key"),
        _one_live("uq_descriptions_live", "parcel_key"),
    )

    area: Mapped[int] = mapped_column(BigInteger)
    land_uses: Mapped[list[list[Any]]] = mapped_column(JsonDoc)
    """Pairs of code and area."""
    geohash: Mapped[str] = mapped_column(String(12))
    address: Mapped[str] = mapped_column(String(300))


class Right(Entry, Base):
    """A right over a parcel (quyền): of use, of a lessee, of a sublessee. `under` is what it derives from."""

    __tablename__ = "rights"
    __table_args__ = (
        Index("ix_rights_parcel", "parcel_key"),
        _one_live("uq_rights_use", "parcel_key", " AND kind = 'use'"),
    )

    kind: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(20))
    term_until: Mapped[date | None] = mapped_column(Date)
    under: Mapped[str | None] = mapped_column(String(36))


class Holding(Entry, Base):
    """A party's share of a right, with the party as it stands in the book."""

    __tablename__ = "holdings"
    __table_args__ = (
        Index("ix_holdings_right", "right_id"),
        _live("ix_holdings_party", "party_key", "parcel_key"),
        _live("ix_holdings_name", "folded_name", "parcel_key"),
    )

    right_id: Mapped[str] = mapped_column(String(36))
    party_key: Mapped[str] = mapped_column(String(202))
    name: Mapped[str] = mapped_column(String(200))
    folded_name: Mapped[str] = mapped_column(String(200))
    personal_id: Mapped[str | None] = mapped_column(String(12))
    tax_code: Mapped[str | None] = mapped_column(String(14))
    numerator: Mapped[int] = mapped_column(BigInteger)
    denominator: Mapped[int] = mapped_column(BigInteger)


class Restriction(Entry, Base):
    """A restriction (hạn chế): mortgage, dispute, distraint, emergency measure, easement. `carried_from` is the
    restriction of the parcel that was split or merged into this one."""

    __tablename__ = "restrictions"
    __table_args__ = (Index("ix_restrictions_parcel", "parcel_key"),)

    kind: Mapped[str] = mapped_column(String(20))
    holder: Mapped[str] = mapped_column(String(200))
    holder_key: Mapped[str] = mapped_column(String(202))
    document_number: Mapped[str] = mapped_column(String(60))
    document_date: Mapped[date] = mapped_column(Date)
    amount_vnd: Mapped[int] = mapped_column(BigInteger)
    allows_disposal: Mapped[bool]
    note: Mapped[str] = mapped_column(String(1_000))
    carried_from: Mapped[str | None] = mapped_column(String(36))


class Certificate(Entry, Base):
    """A certificate (GCN) of a parcel's right of use. `id` is its serial; only one of a right is live."""

    __tablename__ = "certificates"
    __table_args__ = (
        Index("ix_certificates_parcel", "parcel_key"),
        _one_live("uq_certificates_live", "parcel_key"),
    )

    issue_number: Mapped[str] = mapped_column(String(30))
    code: Mapped[str | None] = mapped_column(String(15))
    issued_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10))


PENDING: Final = "state = 'pending'"
"""A partial index is used by a select that says exactly this, not by one with a parameter."""


class Change(Base):
    """A change (biến động): pending, registered under a number, or given up. Never overwritten after that."""

    __tablename__ = "changes"
    __table_args__ = (
        Index(
            "uq_changes_pending",
            "parcel_key",
            unique=True,
            sqlite_where=text(PENDING),
            postgresql_where=text(PENDING),
        ),
        Index("ix_changes_dossier", "dossier"),
        Index("uq_changes_number", "number", unique=True),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[str | None] = mapped_column(String(20))
    parcel_key: Mapped[str] = mapped_column(_Key)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    effective_on: Mapped[date] = mapped_column(Date)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    registered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_because: Mapped[str | None] = mapped_column(String(500))
    dossier: Mapped[str | None] = mapped_column(String(60))
    request: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    effects: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    warnings: Mapped[list[str]] = mapped_column(JsonDoc)


class ChangedParcel(Base):
    """A parcel a change is about: `before` it, `after` it, or both (`same`)."""

    __tablename__ = "changed_parcels"
    __table_args__ = (Index("ix_changed_parcels_change", "change_id"),)

    parcel_key: Mapped[str] = mapped_column(_Key, primary_key=True)
    change_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    role: Mapped[str] = mapped_column(String(6))


class Source(Base):
    """A source document (giấy tờ gốc) behind a change."""

    __tablename__ = "sources"
    __table_args__ = (Index("ix_sources_change", "change_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    change_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(60))
    number: Mapped[str] = mapped_column(String(60))
    issued_on: Mapped[date | None] = mapped_column(Date)
    issued_by: Mapped[str] = mapped_column(String(200))


class Deceased(Base):
    """A person whose death the civil registry has announced."""

    __tablename__ = "deceased"

    personal_id: Mapped[str] = mapped_column(String(12), primary_key=True)
    died_on: Mapped[date] = mapped_column(Date)


class Counter(Plain, Base):
    """A running number: of changes in a year, of certificates."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[int]


class Import(ImportInHand, Base):
    """A file of parcels on its way in."""


class BadLine(LineNotTaken, Base):
    """A line of such a file that was not taken."""


class Task(TaskInHand, Base):
    """What the one-stop shop has asked of the land registry."""


class Case(Base):
    """A dossier that travels over VBDLIS calls: handed to a real VBDLIS, or taken in from a one-stop software.
    `status` counts as the national portal does."""

    __tablename__ = "vbdlis_cases"
    __table_args__ = (
        Index("ix_vbdlis_cases_dossier", "dossier"),
        Index("ix_vbdlis_cases_their_receipt", "their_receipt"),
    )

    receipt: Mapped[str] = mapped_column(String(100), primary_key=True)
    """SoBienNhan of whoever handed it over."""
    their_receipt: Mapped[str | None] = mapped_column(String(100))
    """SoBienNhan of whoever took it in."""
    dossier: Mapped[str] = mapped_column(String(60))
    """MaHoSoMotCua."""
    task_id: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[int]
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JsonDoc)
    """What was said about it, oldest first."""
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Call(Base):
    """A call to make: those of one case go out in order, each until it is taken or refused."""

    __tablename__ = "vbdlis_calls"
    __table_args__ = (Index("ix_vbdlis_calls_state", "state", "next_at"), Index("ix_vbdlis_calls_case", "receipt"))

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    receipt: Mapped[str] = mapped_column(String(100))
    verb: Mapped[str] = mapped_column(String(60))
    body: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    state: Mapped[str] = mapped_column(String(10))
    """"waiting", "done" or "refused"."""
    attempts: Mapped[int]
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reply: Mapped[str] = mapped_column(String(500))
