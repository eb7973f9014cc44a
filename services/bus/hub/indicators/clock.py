"""The legal clock: what is due today, overdue or suspended, by office and procedure, and why it is due then.

Apart from sync lateness: this is the citizen's time, not the portal's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Final, Literal

from sqlalchemy import ColumnElement, case, func, literal, select, tuple_

from contracts.times import vn_date, vn_moment
from services.bus.hub.indicators import schemas
from services.bus.hub.indicators.book import Book
from services.bus.hub.indicators.facts import CALENDAR, RUNNING, SUSPENDED
from services.bus.hub.indicators.models import DossierFacts
from services.bus.hub.indicators.sets import about
from services.bus.kit.columns import UtcDateTime, from_micros, to_micros
from services.bus.kit.deadlines import Deadline, Duration, due
from services.bus.kit.paging import Cursor, Page
from services.bus.kit.tx import Tx

By = Literal["office", "procedure", "both"]
STATES: Final[tuple[schemas.ClockState, ...]] = ("due_today", "overdue", "suspended", "running")


def end_of_today(now: datetime) -> datetime:
    """The first moment of tomorrow in Vietnam."""
    return vn_moment(vn_date(now) + timedelta(days=1), time())


def state_is(state: schemas.ClockState, now: datetime) -> list[ColumnElement[bool]]:
    """The conditions of dossiers in this state."""
    due_at, tomorrow = DossierFacts.due_at, end_of_today(now)
    clock = DossierFacts.clock == (SUSPENDED if state == "suspended" else RUNNING)
    match state:
        case "due_today":
            return [clock, due_at >= now, due_at < tomorrow]
        case "overdue":
            return [clock, due_at < now]
        case "running":
            return [clock, due_at.is_(None) | (due_at >= tomorrow)]
        case "suspended":
            return [clock]


def legal_clock(
    tx: Tx,
    book: Book,
    *,
    now: datetime,
    by: By,
    agencies: tuple[str, ...] | None,
    procedures: tuple[str, ...] | None,
) -> schemas.LegalClock:
    """Everything in hand now. Lines with the most overdue come first."""
    keys = {
        "office": (DossierFacts.agency,),
        "procedure": (DossierFacts.procedure_code,),
        "both": (DossierFacts.agency, DossierFacts.procedure_code),
    }[by]
    due_at, clock, tomorrow = DossierFacts.due_at, DossierFacts.clock, end_of_today(now)
    state = case(
        (clock == SUSPENDED, 2),
        (due_at < now, 1),
        (due_at < tomorrow, 0),
        else_=3,
    ).label("state")
    statement = select(*keys, state, func.count(), func.min(due_at)).where(clock.in_((RUNNING, SUSPENDED)))
    if agencies is not None:
        statement = statement.where(DossierFacts.agency.in_(agencies))
    if procedures is not None:
        statement = statement.where(DossierFacts.procedure_code.in_(procedures))
    lines: dict[tuple[str, ...], list[int]] = {}
    oldest: datetime | None = None
    for *key, place, rows, earliest in tx.execute(statement.group_by(*keys, state)):
        lines.setdefault(tuple(key), [0, 0, 0, 0])[place] += rows
        if STATES[place] == "overdue" and (oldest is None or earliest < oldest):
            oldest = earliest
    shown = [_line(book, by, key, sums) for key, sums in lines.items()]
    return schemas.LegalClock(
        at=now,
        due_today=sum(each.due_today for each in shown),
        overdue=sum(each.overdue for each in shown),
        suspended=sum(each.suspended for each in shown),
        running=sum(each.running for each in shown),
        oldest_overdue=oldest,
        lines=sorted(shown, key=lambda each: (-each.overdue, -each.due_today, each.agency, each.procedure_code)),
    )


def _line(book: Book, by: By, key: tuple[str, ...], sums: list[int]) -> schemas.ClockLine:
    agency = key[0] if by != "procedure" else ""
    procedure = key[-1] if by != "office" else ""
    due_today, overdue, suspended, running = sums
    return schemas.ClockLine(
        agency=agency,
        agency_name=book.name_of(agency) if agency else "",
        procedure_code=procedure,
        procedure_name=book.service_name(procedure) if procedure else "",
        due_today=due_today,
        overdue=overdue,
        suspended=suspended,
        running=running,
    )


def dossiers_in(
    state: schemas.ClockState,
    *,
    now: datetime,
    agencies: tuple[str, ...] | None,
    procedures: tuple[str, ...] | None,
    cursor: str | None,
    limit: int,
) -> Callable[[Tx], Page[schemas.ClockDossier]]:
    """One page of the dossiers in this state, the earliest deadline first, with the words of their deadlines."""
    after = _after(cursor)

    def query(tx: Tx) -> Page[schemas.ClockDossier]:
        place = func.coalesce(DossierFacts.due_at, _FAR)
        statement = (
            select(DossierFacts)
            .where(*state_is(state, now))
            .order_by(DossierFacts.due_at.is_(None), DossierFacts.due_at, DossierFacts.code)
            .limit(limit + 1)
        )
        if agencies is not None:
            statement = statement.where(DossierFacts.agency.in_(agencies))
        if procedures is not None:
            statement = statement.where(DossierFacts.procedure_code.in_(procedures))
        if after is not None:
            statement = statement.where(
                tuple_(place, DossierFacts.code) > tuple_(literal(after[0], UtcDateTime), after[1])
            )
        rows = list(tx.scalars(statement))
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(
            items=[_dossier(row, state) for row in rows[:limit]],
            next_cursor=Cursor.encode([to_micros(last.due_at or _FAR), last.code]) if last is not None else None,
        )

    return query


_FAR: Final = from_micros(253_370_764_800_000_000)
"""Where dossiers without a deadline stand in the order: 9999-01-01."""


def _after(cursor: str | None) -> tuple[datetime, str] | None:
    if cursor is None:
        return None
    micros, code = Cursor.decode(cursor, (int, str))
    return Cursor.instant(micros), code


def _dossier(row: DossierFacts, state: schemas.ClockState) -> schemas.ClockDossier:
    assert row.received_at is not None
    original = original_deadline(row.received_at, row.procedure_code)
    return schemas.ClockDossier(
        code=row.code,
        procedure_code=row.procedure_code,
        agency=row.agency,
        status=row.status,
        state=state,
        received_at=row.received_at,
        due_at=row.due_at,
        paused_at=row.paused_at,
        original=original.at if original else None,
        moved=original is not None and row.due_at is not None and row.due_at > original.at,
        reasons=[
            schemas.Reason(kind=kind, date=day, vi=text.vi, en=text.en)
            for kind, day, text in (original.reasons if original else ())
        ],
    )


def original_deadline(received_at: datetime, procedure_code: str) -> Deadline | None:
    """The deadline receipt gave it, with its reasons; None for a procedure the catalogue does not know."""
    duration = about(procedure_code).duration
    if duration is None:
        return None
    return due(received_at.replace(second=0, microsecond=0), Duration.parse(duration), CALENDAR)
