"""The tables of the population data: citizens, residences, households, civil acts, tasks, imports, the log.

An administrative unit is always stored with a day its code is valid on. Rows of the log are only ever added.
References are plain keys that commands check: rows go in by the thousand, past the unit of work.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Date, Index, String, text
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


class Citizen(Plain, Base):
    """A citizen (công dân). `version` counts every event of the citizen, whatever its type."""

    __tablename__ = "citizens"

    personal_id: Mapped[str] = mapped_column(String(12), primary_key=True)
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(10))
    id_card: Mapped[str | None] = mapped_column(String(9), unique=True)
    full_name: Mapped[str] = mapped_column(String(100))
    folded_name: Mapped[str] = mapped_column(String(200))
    """The name as checks compare it: see `matching.fold_name`."""
    family_name: Mapped[str] = mapped_column(String(60))
    middle_name: Mapped[str] = mapped_column(String(100))
    given_name: Mapped[str] = mapped_column(String(100))
    birth_year: Mapped[int]
    birth_date: Mapped[date | None] = mapped_column(Date)
    """Null where only the year was ever recorded."""
    sex: Mapped[str] = mapped_column(String(6))
    ethnicity: Mapped[str] = mapped_column(String(2))
    religion: Mapped[str] = mapped_column(String(2))
    marital_status: Mapped[str] = mapped_column(String(20))
    blood_group: Mapped[str] = mapped_column(String(7))
    nationality: Mapped[str] = mapped_column(String(2))
    eid_level: Mapped[int]
    birth_place: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)
    hometown: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)
    father: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)
    mother: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)
    spouse: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)
    registered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    died_on: Mapped[date | None] = mapped_column(Date)


class Residence(Plain, Base):
    """A stay (nơi thường trú, tạm trú, nơi ở hiện tại) in [valid_from, valid_to). A temporary one knows its end
    from the beginning."""

    __tablename__ = "residences"
    __table_args__ = (
        Index("ix_residences_personal_id", "personal_id"),
        Index("ix_residences_unit", "unit_code", "personal_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    personal_id: Mapped[str] = mapped_column(String(12))
    kind: Mapped[str] = mapped_column(String(10))
    unit_code: Mapped[str] = mapped_column(String(5))
    detail: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    end_reason: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str | None] = mapped_column(String(200))
    """What was said when it was deregistered."""


class Absence(Plain, Base):
    """A time away (tạm vắng) in [valid_from, valid_to). The unit, if known, is valid on `valid_from`."""

    __tablename__ = "absences"
    __table_args__ = (Index("ix_absences_personal_id", "personal_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    personal_id: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(20))
    unit_code: Mapped[str | None] = mapped_column(String(5))
    detail: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class Household(Plain, Base):
    """A household (hộ gia đình). The unit code is valid on `valid_from`."""

    __tablename__ = "households"
    __table_args__ = (Index("ix_households_head", "head_personal_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int]
    number: Mapped[str | None] = mapped_column(String(20), unique=True)
    head_personal_id: Mapped[str | None] = mapped_column(String(12))
    """Null where the head died and no member is of age."""
    unit_code: Mapped[str] = mapped_column(String(5))
    detail: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date] = mapped_column(Date)
    members: Mapped[int]
    """How many belong to it now; 0 means that everybody has left."""
    split_from: Mapped[str | None] = mapped_column(String(36))
    """The household its members left to form it (tách hộ)."""


class Membership(Plain, Base):
    """A citizen's time in a household, [valid_from, valid_to); a citizen is in one household at a time. A new
    relation to the head, as when the head changes, begins a new row."""

    __tablename__ = "memberships"
    __table_args__ = (
        Index(
            "uq_memberships_open",
            "personal_id",
            unique=True,
            sqlite_where=text("valid_to IS NULL"),
            postgresql_where=text("valid_to IS NULL"),
        ),
        Index("ix_memberships_household", "household_id"),
        Index("ix_memberships_personal_id", "personal_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    household_id: Mapped[str] = mapped_column(String(36))
    personal_id: Mapped[str] = mapped_column(String(12))
    relation: Mapped[str] = mapped_column(String(12))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


class AssignedNumber(Plain, Base):
    """The personal id of a registered birth, by the id of its record: assigned once, whatever comes again."""

    __tablename__ = "assigned_numbers"

    record_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    personal_id: Mapped[str] = mapped_column(String(12), index=True)
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)


class WaitingAct(Base):
    """A civil act about somebody who is not in the population data (yet): it takes effect when they are."""

    __tablename__ = "waiting_acts"

    who: Mapped[str] = mapped_column(String(100), primary_key=True)
    """The personal id, or `record:` and the id of the birth record of an infant whose number was not known."""
    event_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    type: Mapped[str] = mapped_column(String(200))
    data: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    came_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Task(TaskInHand, Base):
    """A task of the residence system (cư trú) in hand."""


class Import(ImportInHand, Base):
    """A file of citizens on its way in."""


class BadLine(LineNotTaken, Base):
    """A line of such a file that was not taken."""


class Lookup(Base):
    """One access to personal data (nhật ký khai thác), written in the transaction that reads them."""

    __tablename__ = "lookups"
    __table_args__ = (
        Index("ix_lookups_personal_id", "personal_id", "at"),
        Index("ix_lookups_agency", "agency", "at"),
        Index("ix_lookups_dossier", "dossier"),
        Index("ix_lookups_at", "at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(24))
    client_id: Mapped[str] = mapped_column(String(100))
    agency: Mapped[str | None] = mapped_column(String(35))
    officer: Mapped[str | None] = mapped_column(String(50))
    procedure_code: Mapped[str] = mapped_column(String(40))
    dossier: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str | None] = mapped_column(String(6))
    request_id: Mapped[str] = mapped_column(String(40))
    personal_id: Mapped[str | None] = mapped_column(String(12))
    id_card: Mapped[str | None] = mapped_column(String(9))
    household_id: Mapped[str | None] = mapped_column(String(36))
    unit_code: Mapped[str | None] = mapped_column(String(5))
    outcome: Mapped[str] = mapped_column(String(10))


class LookupMember(Base):
    """A citizen who was shown as the member of a household: so that the log of a citizen misses nothing."""

    __tablename__ = "lookup_members"

    personal_id: Mapped[str] = mapped_column(String(12), primary_key=True)
    lookup_id: Mapped[str] = mapped_column(String(36), primary_key=True)
