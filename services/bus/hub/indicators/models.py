"""Tables of the indicators: one row of facts a dossier, one a check of an identity, and their counts by month.

No personal data: codes, times and numbers. `flags` holds the sets a row is in (`sets`); the counts are kept in
the transaction that changes a row, so that a year of a province is added up from a few thousand rows.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Date, Index, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.kit.columns import UtcDateTime
from services.bus.kit.plain import Plain

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase as Base
else:
    from services.bus.hub.models import Base


class DossierFacts(Plain, Base):
    """What is known of one dossier (hồ sơ). `version` 0: only others have spoken of it so far."""

    __tablename__ = "indicator_dossiers"
    __table_args__ = (
        Index("ix_indicator_dossiers_day", "received_on", "code", "agency", "procedure_code", "flags"),
        Index("ix_indicator_dossiers_agency", "agency", "received_on", "procedure_code", "flags"),
        Index("ix_indicator_dossiers_procedure", "procedure_code", "received_on", "agency", "flags"),
    )

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    version: Mapped[int]
    status: Mapped[int] = mapped_column(SmallInteger)
    procedure_code: Mapped[str] = mapped_column(String(40))
    agency: Mapped[str] = mapped_column(String(35))
    channel: Mapped[str] = mapped_column(String(10))
    applicant_kind: Mapped[int] = mapped_column(SmallInteger)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """As announced; without that, the longest time the procedure may take."""
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The end moment by the rule of QĐ 766; see `on_time`."""
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    supplements: Mapped[int] = mapped_column(SmallInteger)
    waited_s: Mapped[int] = mapped_column(Integer)
    """Seconds the citizen took for papers that no later deadline made good."""
    fees: Mapped[int] = mapped_column(SmallInteger)
    """Bits: 1 some fee costs something, 2 some was paid online, 4 fees are listed."""
    attachments: Mapped[int] = mapped_column(SmallInteger)
    digitised: Mapped[int] = mapped_column(SmallInteger)
    reused: Mapped[int] = mapped_column(SmallInteger)
    results: Mapped[int] = mapped_column(SmallInteger)
    signed_results: Mapped[int] = mapped_column(SmallInteger)
    store_uses: Mapped[int] = mapped_column(SmallInteger)
    verification: Mapped[str] = mapped_column(String(12))
    synced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the portal first acknowledged it as received."""
    received_on: Mapped[date | None] = mapped_column(Date)
    """The Vietnamese day of receipt: every count goes by it."""
    flags: Mapped[int] = mapped_column(Integer)
    late_after: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Unfinished: from then on it counts as late. None where time changes nothing any more."""
    clock: Mapped[str | None] = mapped_column(String(10))
    """The legal clock: "running" or "suspended"; None before receipt and after the end."""


_LATE_AFTER, _CLOCK = DossierFacts.late_after, DossierFacts.clock
Index(
    "ix_indicator_dossiers_late",
    _LATE_AFTER,
    DossierFacts.received_on,
    DossierFacts.agency,
    DossierFacts.procedure_code,
    DossierFacts.flags,
    sqlite_where=_LATE_AFTER.is_not(None),
    postgresql_where=_LATE_AFTER.is_not(None),
)
Index(
    "ix_indicator_dossiers_clock",
    _CLOCK,
    DossierFacts.due_at,
    DossierFacts.code,
    DossierFacts.agency,
    DossierFacts.procedure_code,
    sqlite_where=_CLOCK.is_not(None),
    postgresql_where=_CLOCK.is_not(None),
)


REPEATED = 1 << 6
"""In `flags` of a check: its dossier was checked more than once."""
REPEATED_CHECK = f"(flags & {REPEATED}) = {REPEATED}"


class CheckFacts(Base):
    """One check of an identity in the population data (lượt xác thực): who was asked about stays there."""

    __tablename__ = "indicator_checks"
    __table_args__ = (
        Index("ix_indicator_checks_dossier", "dossier"),
        Index("ix_indicator_checks_day", "checked_on", "agency", "flags", "dossier"),
        Index(
            "ix_indicator_checks_repeated", "checked_on", "agency", "flags", "dossier",
            sqlite_where=text(REPEATED_CHECK), postgresql_where=text(REPEATED_CHECK),
        ),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    checked_on: Mapped[date] = mapped_column(Date)
    agency: Mapped[str] = mapped_column(String(35))
    """Empty where the check named none."""
    dossier: Mapped[str] = mapped_column(String(60))
    flags: Mapped[int] = mapped_column(Integer)


MONTH, YEAR = "month", "year"


class Count(Base):
    """How many rows there are of one month, or year, by `dimension`. "agency" and "procedure": dossiers held by
    one of the masks kept of them, `flags` being its place in `kept_masks`; "check": checks, by agency, with these
    flags. `first`: the first day of the month or year."""

    __tablename__ = "indicator_counts"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    dimension: Mapped[str] = mapped_column(String(10), primary_key=True)
    span: Mapped[str] = mapped_column(String(5), primary_key=True)
    first: Mapped[date] = mapped_column(Date, primary_key=True)
    flags: Mapped[int] = mapped_column(Integer, primary_key=True)
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    rows: Mapped[int] = mapped_column(Integer)


class State(Base):
    """What the tables were made with: a change of rules makes flags and counts anew."""

    __tablename__ = "indicator_state"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
