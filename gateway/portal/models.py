"""What the national portal keeps: its own copy of each dossier, the progress rows it accepted, and what
citizens did on it.

Times that are part of the wire's keys (ThoiDiemXuLy) are kept as the wire writes them, whole seconds of
Vietnam's time as 14 digits, because the key is the text; they sort as time does. All other times are instants
in UTC. Nothing here is ever shared with the province: the two only meet on the wire.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Date, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.bus.kit.columns import JsonDoc, UtcDateTime
from services.bus.kit.tx import new_base

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase as Base
else:
    Base = new_base()

metadata = Base.metadata


class Dossier(Base):
    """A dossier (hồ sơ) as its province last told it, and the head of its progress. Written by `heads.py`.

    `seen` and `at_last` are bit masks of statuses (bit n for status n): every status the dossier was ever at,
    and those held at the second `last_at`. With them a call is judged without reading the progress rows.
    `changes` counts what a reader can see change.
    """

    __tablename__ = "dossiers"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    unit: Mapped[str] = mapped_column(String(35))
    reference: Mapped[str | None] = mapped_column(String(40))
    status: Mapped[int]
    status_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen: Mapped[int]
    steps: Mapped[int]
    last_at: Mapped[str] = mapped_column(String(14))
    last_status: Mapped[int | None]
    at_last: Mapped[int]
    changes: Mapped[int]
    duplicates_ignored: Mapped[int]
    older_ignored: Mapped[int]


class DossierContent(Base):
    """The newest HoSo of a dossier, as JSON text of the wire. Apart from the head, which changes with every
    call while this is only ever replaced and shown."""

    __tablename__ = "dossier_contents"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    hoso: Mapped[str] = mapped_column(Text)


class Step(Base):
    """A row of progress (tiến độ). `arrival` counts a dossier's rows in the order they were accepted."""

    __tablename__ = "steps"
    # one tree, clustered by dossier: a timeline is one short read, and there is no second index to keep
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it once

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    at: Mapped[str] = mapped_column(String(14), primary_key=True)
    status: Mapped[int] = mapped_column(primary_key=True)
    arrival: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lag_ms: Mapped[int] = mapped_column(BigInteger)
    officer: Mapped[str | None] = mapped_column(String(50))
    title: Mapped[str | None] = mapped_column(String(500))
    department: Mapped[str | None] = mapped_column(String(500))
    content: Mapped[str | None] = mapped_column(String(4000))
    begun_at: Mapped[str | None] = mapped_column(String(14))
    due_at: Mapped[str | None] = mapped_column(String(14))


class Refusal(Base):
    """A call that was refused for its content: which, and what the caller was told."""

    __tablename__ = "refusals"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    unit: Mapped[str] = mapped_column(String(35))
    verb: Mapped[str] = mapped_column(String(60))
    error_code: Mapped[str] = mapped_column(String(20))
    message: Mapped[str] = mapped_column(String(4000))


class Submission(Base):
    """A dossier a citizen submitted here (nộp hồ sơ trực tuyến). `dossier_code` comes with the province's
    first DongBoHoSoMC that carries the reference; until then the submission is on its way."""

    __tablename__ = "submissions"
    __table_args__ = (Index("submissions_person", "personal_id"),)

    reference: Mapped[str] = mapped_column(String(40), primary_key=True)
    unit: Mapped[str] = mapped_column(String(35))
    procedure_code: Mapped[str] = mapped_column(String(40))
    agency_code: Mapped[str] = mapped_column(String(35))
    full_name: Mapped[str] = mapped_column(String(100))
    personal_id: Mapped[str] = mapped_column(String(12))
    date_of_birth: Mapped[date | None] = mapped_column(Date)
    phone: Mapped[str | None] = mapped_column(String(20))
    email: Mapped[str | None] = mapped_column(String(254))
    form: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    dossier_code: Mapped[str | None] = mapped_column(String(60))
    requests: Mapped[int]
    last_request_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CitizenRequest(Base):
    """What the province has to be told (yêu cầu): the submission itself is number 1, then supplements and
    withdrawals, without gaps. It is given to every poll until it is acknowledged."""

    __tablename__ = "requests"
    __table_args__ = (
        Index(
            "requests_waiting",
            "unit",
            "sent_at",
            "reference",
            "number",
            sqlite_where=text("acknowledged_at IS NULL"),
            postgresql_where=text("acknowledged_at IS NULL"),
        ),
    )

    reference: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(35))
    kind: Mapped[str] = mapped_column(String(1))
    content: Mapped[str | None] = mapped_column(String(4000))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    declined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decline_reason: Mapped[str | None] = mapped_column(String(4000))


class Question(Base):
    """A question (hỏi đáp): asked by a citizen here (`asked_here`), or published by a province with its
    answer."""

    __tablename__ = "questions"
    __table_args__ = (Index("questions_of_unit", "unit", "asked_at"),)

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    unit: Mapped[str] = mapped_column(String(35))
    asked_here: Mapped[bool]
    title: Mapped[str | None] = mapped_column(String(500))
    content: Mapped[str] = mapped_column(String(4000))
    asker: Mapped[str | None] = mapped_column(String(500))
    email: Mapped[str | None] = mapped_column(String(500))
    phone: Mapped[str | None] = mapped_column(String(500))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(String(4000))
    answered_by: Mapped[str | None] = mapped_column(String(500))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
