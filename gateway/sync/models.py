"""What sync remembers: per dossier how far the portal is, each step with its times, what was refused, what
citizens asked, and what reconciliations found.

Only sync writes here, from one process. Times that end on `_second` are whole seconds since 1970 as the
portal's wire counts them; all others are instants.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, Index, Integer, LargeBinary, String, Text, and_, literal, text
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.kit.columns import JsonDoc, UtcDateTime
from services.bus.kit.tx import new_base

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase as Base
else:
    Base = new_base()

metadata = Base.metadata

Code = String(60).with_variant(String(60, collation="C"), "postgresql")
"""Sorted by bytes on both databases: reconciliation merges streams sorted that way."""

OK, PARKED = "ok", "parked"


class Lane(Base):
    """One dossier on its way to the portal. `waiting_since` is the commit time of the oldest step the portal
    has not acknowledged; null: nothing waits. `announced` counts the events we emitted for this key."""

    __tablename__ = "lanes"
    __table_args__ = (
        Index(
            "lanes_waiting",
            "waiting_since",
            "code",
            sqlite_where=text("waiting_since IS NOT NULL AND state != 'parked'"),
            postgresql_where=text("waiting_since IS NOT NULL AND state != 'parked'"),
        ),
        Index(
            "lanes_parked",
            "code",
            sqlite_where=text("state = 'parked'"),
            postgresql_where=text("state = 'parked'"),
        ),
    )

    code: Mapped[str] = mapped_column(Code, primary_key=True)
    newest_version: Mapped[int]
    newest_second: Mapped[int] = mapped_column(BigInteger)
    acknowledged_version: Mapped[int] = mapped_column(default=0)
    announced: Mapped[int] = mapped_column(default=0)
    portal_knows: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default=OK)
    reason: Mapped[str | None] = mapped_column(Text)
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    traceparent: Mapped[str | None] = mapped_column(String(60))
    snapshot: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """The data of the newest event: the whole dossier as it now stands."""


def _said(value: str) -> ColumnElement[str]:
    """A value written out in the statement: else SQLite does not see which index is made of such rows."""
    return literal(value, literal_execute=True)


IS_PARKED = Lane.state == _said(PARKED)
WAITS = and_(Lane.waiting_since.is_not(None), Lane.state != _said(PARKED))


class Step(Base):
    """One status of a dossier and the times of its way. Kept for the trace and for reconciliation."""

    __tablename__ = "steps"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it once

    code: Mapped[str] = mapped_column(Code, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[int]
    wire_second: Mapped[int] = mapped_column(BigInteger)
    officer: Mapped[str] = mapped_column(String(200))
    department: Mapped[str] = mapped_column(String(500))
    note: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    committed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    discarded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)


OPEN, RETRIED, DISCARDED = "open", "retried", "discarded"
LETTER_STATES = (OPEN, RETRIED, DISCARDED)


class DeadLetter(Base):
    """A call the portal refused for its content. `key` is a dossier code, or the reference of a citizen's
    request; `number` the step's version, or the request's number. `payload` holds personal data."""

    __tablename__ = "dead_letters"
    __table_args__ = (
        Index("dead_letters_of_key", "key", "number"),
        Index("dead_letters_in_state", "state", "id"),
        Index("dead_letters_of_error", "state", "error_code", "id"),
        Index("dead_letters_of_verb", "state", "verb", "id"),
        Index("dead_letters_of_verb_and_error", "state", "verb", "error_code", "id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    key: Mapped[str] = mapped_column(String(100))
    number: Mapped[int]
    status: Mapped[int | None]
    verb: Mapped[str] = mapped_column(String(60))
    error_code: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    payload: Mapped[Any] = mapped_column(JsonDoc, deferred=True)
    attempts: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10), default=OPEN)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(200))
    why: Mapped[str | None] = mapped_column(Text)


class CitizenRequest(Base):
    """A citizen's request taken from the portal: that it is here is what makes a second poll harmless.
    `version` is that of the event it became; null if it could not be read and became a dead letter."""

    __tablename__ = "citizen_requests"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it once

    reference: Mapped[str] = mapped_column(String(100), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    version: Mapped[int | None]
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)


PENDING, SENT, REFUSED = "pending", "sent", "refused"


class Decline(Base):
    """A citizen's request the province declined, to be told to the portal."""

    __tablename__ = "declines"
    __table_args__ = (
        Index(
            "declines_pending",
            "at",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    reference: Mapped[str] = mapped_column(String(100), primary_key=True)
    request: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(String(10), default=PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


IS_PENDING = Decline.state == _said(PENDING)


RUNNING, DONE, FAILED = "running", "done", "failed"


class Reconciliation(Base):
    """One comparison of province, axis and portal."""

    __tablename__ = "reconciliations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_by: Mapped[str] = mapped_column(String(200))
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(Text)
    counts: Mapped[dict[str, Any]] = mapped_column(JsonDoc)


class Finding(Base):
    """One difference. `place` counts from 1 within its reconciliation."""

    __tablename__ = "findings"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it once

    reconciliation_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    side: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(String(100))
    version: Mapped[int | None]
    at: Mapped[str | None] = mapped_column(String(14))
    detail: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    repairable: Mapped[bool]
    repair_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Comparison(Base):
    """One pass of the continuous comparison over all ranges. `equal`: nothing differed, what was under way
    aside. `counts`: dossiers and rows of each side; `digests`: one for each side over all ranges, by what was
    compared."""

    __tablename__ = "comparisons"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads it once

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    ranges: Mapped[int]
    looked_into: Mapped[int]
    equal: Mapped[bool]
    counts: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    digests: Mapped[dict[str, Any]] = mapped_column(JsonDoc)


FOUND, REPAIRING, REPAIRED, GONE = "open", "repairing", "repaired", "gone"


class Known(Base):
    """A difference the continuous comparison knows of, until it is no more: "repaired" if somebody had it
    repaired, else "gone". `id` is made of what differs, so that the same difference is the same row."""

    __tablename__ = "differences"
    __table_args__ = (
        Index("differences_state", "state", "id"),
        Index("differences_closed", "state", "closed_at", "id"),
        Index("differences_code", "code"),
        Index(
            "differences_live",
            "code",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "differences_to_repair",
            "code",
            sqlite_where=text("state = 'open' AND repairable"),
            postgresql_where=text("state = 'open' AND repairable"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))
    side: Mapped[str] = mapped_column(String(10))
    code: Mapped[str] = mapped_column(Code)
    version: Mapped[int | None]
    at: Mapped[str | None] = mapped_column(String(14))
    cause: Mapped[str] = mapped_column(String(30))
    detail: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    repairable: Mapped[bool]
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    repair_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    repair_by: Mapped[str | None] = mapped_column(String(200))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


LIVE = Known.closed_at.is_(None)
"""Open, or being repaired."""
TO_REPAIR = and_(Known.state == _said(FOUND), Known.repairable)


DOSSIERS, REPAIRABLE = "dossiers", "repairable"


class DifferenceCount(Base):
    """How many differences, or dossiers that have some, are open or being repaired (`commands.counts`): to ask
    how it stands costs the same when every dossier differs."""

    __tablename__ = "difference_counts"

    what: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
