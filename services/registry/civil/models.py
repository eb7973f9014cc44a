"""The tables of the civil registry: books, records and their versions, the people in them, imports, tasks.

A version of a record is only ever added. `individuals` is what the records together show of a person who has a
personal id: one row to look at, and to hold, before somebody is married or buried.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

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

UNKNOWN_YEAR: Final = 0


def _where_known(name: str, column: str) -> Index:
    """An index of the rows that have a value: in old books few people have a number or a full date."""
    known = text(f"{column} IS NOT NULL")
    return Index(name, column, sqlite_where=known, postgresql_where=known)


BORN_CHILDREN: Final = "role = 'child' AND kind = 'birth' AND birth_date IS NOT NULL"
"""The children of registered births, as far as their day is known. A partial index is used by a select that says
exactly this, not by one with parameters."""


_Name = String(100).with_variant(String(100, collation="C"), "postgresql")
"""Sorted letter by letter, so that an index finds names by how they begin."""


class Book(Plain, Base):
    """A book (sổ hộ tịch) of one agency, kind and year. `last` is its last number: the next one is counted in the
    transaction that uses it, so there is no gap."""

    __tablename__ = "books"
    __table_args__ = (Index("ix_books_kind", "kind", "year"),)

    id: Mapped[str] = mapped_column(String(70), primary_key=True)
    agency: Mapped[str] = mapped_column(String(35))
    kind: Mapped[str] = mapped_column(String(20))
    year: Mapped[int]
    last: Mapped[int]
    entries: Mapped[int]
    volumes: Mapped[int]


class Record(Plain, Base):
    """A record (bản ghi hộ tịch) and its place in the books. What it says is in its versions. `events` counts
    what was announced about it; `personal_id` is that of a registered child, once it has come."""

    __tablename__ = "records"
    __table_args__ = (
        Index("uq_records_entry", "book_id", "number", unique=True),
        Index("ix_records_registered", "kind", "registered_on", "id"),
        _where_known("ix_records_task", "task_id"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    registration: Mapped[str] = mapped_column(String(10))
    agency: Mapped[str] = mapped_column(String(35))
    book_id: Mapped[str] = mapped_column(String(70))
    year: Mapped[int]
    number: Mapped[int]
    volume: Mapped[int]
    page: Mapped[int]
    registered_on: Mapped[date] = mapped_column(Date)
    version: Mapped[int]
    events: Mapped[int]
    personal_id: Mapped[str | None] = mapped_column(String(12))
    dossier_code: Mapped[str | None] = mapped_column(String(60))
    task_id: Mapped[str | None] = mapped_column(String(100))
    """The task this was done for: it is done once, however often it is asked for."""
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JsonDoc)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecordVersion(Base):
    """What a record said from `valid_on` on, until its next version. Never changed."""

    __tablename__ = "record_versions"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    record_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    valid_on: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    change: Mapped[str] = mapped_column(String(12))
    changed: Mapped[list[str]] = mapped_column(JsonDoc)
    reason: Mapped[str] = mapped_column(String(500))
    ground: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)
    agency: Mapped[str] = mapped_column(String(35))
    officer: Mapped[str] = mapped_column(String(100))
    book_id: Mapped[str | None] = mapped_column(String(70))
    """The book of corrections this change is entered in, with its number, volume and page."""
    number: Mapped[int | None]
    volume: Mapped[int | None]
    page: Mapped[int | None]
    content: Mapped[dict[str, Any]] = mapped_column(JsonDoc)


class Participant(Base):
    """Somebody in the current version of a record, as searches find them."""

    __tablename__ = "participants"
    __table_args__ = (
        _where_known("ix_participants_personal_id", "personal_id"),
        Index("ix_participants_name", "folded_name", "birth_year", "record_id", "role"),
        Index("ix_participants_marked_name", "marked_name", "birth_year", "record_id", "role"),
        Index(
            "ix_participants_children",
            "birth_date",
            "folded_name",
            "record_id",
            sqlite_where=text(BORN_CHILDREN),
            postgresql_where=text(BORN_CHILDREN),
        ),
        {"sqlite_with_rowid": False},
    )

    record_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    role: Mapped[str] = mapped_column(String(10), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    personal_id: Mapped[str | None] = mapped_column(String(12))
    full_name: Mapped[str] = mapped_column(String(100))
    marked_name: Mapped[str] = mapped_column(_Name)
    """In small letters with their diacritics: see `names.with_marks`."""
    folded_name: Mapped[str] = mapped_column(_Name)
    birth_year: Mapped[int]
    """`UNKNOWN_YEAR` where it is."""
    birth_date: Mapped[date | None] = mapped_column(Date)


class Individual(Plain, Base):
    """What the records show of somebody with a personal id. `married_by` is the marriage that binds them now."""

    __tablename__ = "individuals"

    personal_id: Mapped[str] = mapped_column(String(12), primary_key=True)
    birth_record: Mapped[str | None] = mapped_column(String(36))
    mother_id: Mapped[str | None] = mapped_column(String(12))
    father_id: Mapped[str | None] = mapped_column(String(12))
    married_by: Mapped[str | None] = mapped_column(String(36))
    spouse_id: Mapped[str | None] = mapped_column(String(12))
    was_married: Mapped[bool]
    death_record: Mapped[str | None] = mapped_column(String(36))
    died_on: Mapped[str | None] = mapped_column(String(10))
    """A day, or a bare year."""
    guarded_by: Mapped[str | None] = mapped_column(String(36))
    """The guardianship in force."""


class Extract(Base):
    """An extract issued (trích lục), by its own number."""

    __tablename__ = "extracts"
    __table_args__ = (Index("ix_extracts_record", "record_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    record_id: Mapped[str] = mapped_column(String(36))
    version: Mapped[int]
    agency: Mapped[str] = mapped_column(String(35))
    book_id: Mapped[str] = mapped_column(String(70))
    number: Mapped[int]
    volume: Mapped[int]
    page: Mapped[int]
    copies: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(500))
    officer: Mapped[str] = mapped_column(String(100))
    dossier_code: Mapped[str | None] = mapped_column(String(60))
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Import(ImportInHand, Base):
    """A file of a digitised book on its way in."""


class BadLine(LineNotTaken, Base):
    """A line of such a file that was not taken."""


class Lookup(Base):
    """One look at personal data (nhật ký khai thác), written before it is answered. Rows are only ever added."""

    __tablename__ = "lookups"
    __table_args__ = (
        Index("ix_lookups_at", "at", "id"),
        _where_known("ix_lookups_record", "record_id"),
        _where_known("ix_lookups_person", "personal_id"),
        Index("ix_lookups_dossier", "dossier"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(12))
    """"record", "history", "search" or "duplicates"."""
    client_id: Mapped[str] = mapped_column(String(100))
    procedure_code: Mapped[str] = mapped_column(String(40))
    dossier: Mapped[str] = mapped_column(String(40))
    agency: Mapped[str | None] = mapped_column(String(35))
    officer: Mapped[str | None] = mapped_column(String(50))
    record_id: Mapped[str | None] = mapped_column(String(36))
    personal_id: Mapped[str | None] = mapped_column(String(12))


class Task(TaskInHand, Base):
    """A task of the one-stop shop in hand."""
