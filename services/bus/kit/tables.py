"""The kit's own tables, present in every service's database: outbox, inbox, answers, receipts.

They live in metadata of their own, so that a service's models never depend on them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.bus.kit.columns import JsonDoc, UtcDateTime
from services.bus.kit.plain import Plain


class KitBase(DeclarativeBase):
    metadata = MetaData()


class Outbox(KitBase):
    """An event committed but not yet acknowledged by the broker. `id` is the event id (UUIDv7: sorts by age)."""

    __tablename__ = "axis_outbox"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    subject: Mapped[str] = mapped_column(String(200))
    traceparent: Mapped[str | None] = mapped_column(String(80))
    payload: Mapped[bytes] = mapped_column(LargeBinary)


class Position(KitBase):
    """The last version a consumer has applied of one key (the inbox)."""

    __tablename__ = "axis_positions"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    consumer: Mapped[str] = mapped_column(String(100), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    version: Mapped[int]


class Held(KitBase):
    """An event that cannot be applied yet: it waits for an earlier version, or its key is parked behind a
    dead letter. Held events were acknowledged to the broker: they are safe here."""

    __tablename__ = "axis_held"
    __table_args__ = (Index("ix_axis_held_state", "state", "held_at"),)

    consumer: Mapped[str] = mapped_column(String(100), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    """"waiting" for an earlier version, or "dead"."""
    reason: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(default=0)
    held_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    payload: Mapped[bytes] = mapped_column(LargeBinary)


class Answer(Plain, KitBase):
    """The stored answer of a write that carried an Idempotency-Key, committed with the change itself.
    `id` is a digest of member and key: nobody can read or guess another member's answers."""

    __tablename__ = "axis_answers"
    __table_args__ = (Index("ix_axis_answers_created_at", "created_at"),)

    id: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(JsonDoc)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Receipt(KitBase):
    """What became of one batch of events a consumer was given, and when. `id` only ever grows.

    `body` is JSON: `kinds`, each [source, type, procedure, agency], and `events`, each [place of its kind,
    version, outcome, committed, published, received, dossier code], times in microseconds since 1970."""

    __tablename__ = "axis_receipts"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads it once

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    consumer: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the transaction had applied the batch: its flush to the disk is all that follows."""
    events: Mapped[int]
    body: Mapped[bytes] = mapped_column(LargeBinary)
