"""The tables of the latency ledger: links, their roll-ups by second, minute and hour, raw records, and how far
each process has been read.

A roll-up row is one series in one span of time. `at` is its beginning in whole seconds since 1970; durations are
microseconds. How long rows are kept stands with `KEPT_S`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.hub.models import Base
from services.bus.kit.columns import JsonDoc, UtcDateTime

SECOND, MINUTE, HOUR = "second", "minute", "hour"
SPAN_S: Final = {SECOND: 1, MINUTE: 60, HOUR: 3600}
KEPT_S: Final = {SECOND: 3600, MINUTE: 8 * 86_400, HOUR: 2 * 366 * 86_400}
KEPT_PARTS_S: Final = {MINUTE: 86_400 + 3600, HOUR: KEPT_S[HOUR]}
"""Of the parts of a link, its agencies and procedures: no seconds, and minutes for a day."""
RECORDS_KEPT_S: Final = 7 * 86_400
ROLLED_UP: Final = "(roll-ups)"
PARTS_ROLLED_UP: Final = "(roll-ups of parts)"

_Id = BigInteger().with_variant(Integer, "sqlite")


class Link(Base):
    """A way an event takes, from who announces it to who is to hear it."""

    __tablename__ = "ledger_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(200), unique=True)
    source: Mapped[str] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(200))
    consumer: Mapped[str] = mapped_column(String(100))
    verb: Mapped[str] = mapped_column(String(60))
    first_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Series(Base):
    """One line of figures: a hop or a tally of a link, of all of it or of one agency or procedure."""

    __tablename__ = "ledger_series"
    __table_args__ = (UniqueConstraint("link_id", "hop", "dimension", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("ledger_links.id"))
    hop: Mapped[str] = mapped_column(String(12))
    dimension: Mapped[str] = mapped_column(String(10))
    """"agency", "procedure", or nothing: the whole link."""
    value: Mapped[str] = mapped_column(String(60))


class _Rollup:
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it once

    series_id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    count: Mapped[int]
    total: Mapped[int] = mapped_column(BigInteger)
    largest: Mapped[int] = mapped_column(BigInteger)
    skewed: Mapped[int]
    buckets: Mapped[bytes] = mapped_column(LargeBinary)
    """See `histogram.packed`."""


class SecondRow(_Rollup, Base):
    """A series in one second."""

    __tablename__ = "ledger_seconds"


class MinuteRow(_Rollup, Base):
    """A series in one minute."""

    __tablename__ = "ledger_minutes"


class HourRow(_Rollup, Base):
    """A series in one hour."""

    __tablename__ = "ledger_hours"


ROLLUPS: Final[dict[str, Any]] = {SECOND: SecondRow, MINUTE: MinuteRow, HOUR: HourRow}


class Record(Base):
    """One event on one link, with the time of each hop; for a week. `end_us` is when it was over, since 1970; the
    hops are microseconds, null where a time is missing, and negative where clocks disagree."""

    __tablename__ = "ledger_records"
    __table_args__ = (
        Index("ledger_records_code", "code", "end_us"),
        Index("ledger_records_end", "end_us"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(_Id, primary_key=True)
    link_id: Mapped[int]
    code: Mapped[str | None] = mapped_column(String(60))
    """The dossier's, if the event is about one."""
    version: Mapped[int]
    outcome: Mapped[int]
    end_us: Mapped[int] = mapped_column(BigInteger)
    committed_us: Mapped[int | None] = mapped_column(BigInteger)
    publish: Mapped[int | None] = mapped_column(BigInteger)
    broker: Mapped[int | None] = mapped_column(BigInteger)
    lane: Mapped[int | None] = mapped_column(BigInteger)
    errors: Mapped[int | None] = mapped_column(BigInteger)
    call: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int]
    trouble: Mapped[str | None] = mapped_column(String(20))
    agency: Mapped[str | None] = mapped_column(String(60))
    procedure: Mapped[str | None] = mapped_column(String(60))


class ReadUpTo(Base):
    """How far the receipts of one process have been taken in, in the commit that did it, and what it owed when it
    was last asked. Of a pattern of subjects: how far the hub has heard them, and in which stream. The rows
    `ROLLED_UP` and `PARTS_ROLLED_UP` tell how far the records have been rolled up."""

    __tablename__ = "ledger_positions"

    process: Mapped[str] = mapped_column(String(64), primary_key=True)
    receipt: Mapped[int] = mapped_column(BigInteger)
    standing: Mapped[Any] = mapped_column(JsonDoc)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
