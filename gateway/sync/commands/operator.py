"""What an operator may do to a lane: send it all again, retry a refused step, give a refused step up.

Only under `Lanes.exclusively`: nobody else uses the lane meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from sqlalchemy import ColumnElement, CursorResult, func, select, update

from contracts.portal import Verb
from contracts.problems import CONFLICT, NOT_FOUND, Problem, Text
from gateway.sync.models import DISCARDED, OK, OPEN, PARKED, PENDING, RETRIED, DeadLetter, Decline, Lane, Step
from gateway.sync.queries.operator import LaneDetail, LetterView, lane, letter_view
from services.bus.kit.tx import Tx

PARKED_LANE: Final = Text(
    "Luồng của hồ sơ {code} đang dừng sau một thư chết: hãy gửi lại hoặc bỏ thư đó",
    "Lane {code} is parked behind a dead letter: retry or discard that",
)
ONLY_DISCARDED: Final = Text(
    "Yêu cầu không đọc được của Cổng chỉ có thể bỏ đi",
    "An unreadable request of the portal can only be discarded",
)
ONLY_PROGRESS: Final = Text(
    "Chỉ sửa được dòng tiến độ (CapNhatTienDoHoSoMC) ở đây; phần khác phải sửa ở bộ phận Một cửa",
    "Only a row of progress (CapNhatTienDoHoSoMC) can be changed here; the one-stop shop corrects all else",
)
CHANGEABLE: Final = {"NguoiXuLy": "officer", "PhongBanXuLy": "department", "NoiDungXuLy": "note"}
"""Fields of a row of progress, and where they are kept."""
CLOSED: Final = Text("Thư này đã đóng rồi ({state})", "The letter is closed already ({state})")


@dataclass(frozen=True, slots=True)
class Closed:
    """A letter that was closed, and what that changes for the worker: lanes unparked, steps given up."""

    letter: LetterView
    unparked: int = 0
    given_up: int = 0


ClosesLetter = Callable[[Tx], Closed]


def resync(tx: Tx, code: str, *, now: datetime) -> LaneDetail:
    """Everything of this dossier is sent again: its newest state and every row. What the portal has, it
    ignores. Problem NOT_FOUND; CONFLICT while the lane is parked, because it would not move."""
    row = tx.find(Lane, code)
    if row is None:
        raise Problem(NOT_FOUND, field="path.code", what="lane", id=code)
    if row.state == PARKED:
        raise Problem(CONFLICT, reason=PARKED_LANE, code=code)
    start_over(row, now)
    tx.flush()
    return lane(tx, code)


def start_over(row: Lane, now: datetime) -> None:
    """Put all steps of a lane in line again."""
    row.acknowledged_version = 0
    if row.waiting_since is None:
        row.waiting_since = now


def letter_key(tx: Tx, id: str) -> str:
    """Whose letter this is; Problem NOT_FOUND."""
    row = tx.get(DeadLetter, id)
    if row is None:
        raise Problem(NOT_FOUND, field="path.id", what="dead letter", id=id)
    return row.key


def retry_letter(tx: Tx, id: str, *, by: str, now: datetime, changes: Mapping[str, str] | None = None) -> Closed:
    """Send what was refused again, as it now stands; a row of progress with changes, if there are any. Problem
    NOT_FOUND, CONFLICT if it is closed, cannot be sent again, or cannot be changed here."""
    letter = _open_letter(tx, id)
    if letter.verb == Verb.POLL_REQUESTS.value:
        raise Problem(CONFLICT, reason=ONLY_DISCARDED)
    if changes:
        _change(tx, letter, changes)
    _close(letter, RETRIED, by=by, why=None, now=now)
    if letter.verb != Verb.DECLINE_REQUESTS.value:
        return Closed(letter_view(letter), unparked=_unpark(tx, letter.key))
    decline = tx.find(Decline, (letter.key, letter.number))
    if decline is not None:
        decline.state = PENDING
    return Closed(letter_view(letter))


def _change(tx: Tx, letter: DeadLetter, changes: Mapping[str, str]) -> None:
    """What the one-stop shop wrote to a step; all else in a refused call is the province's to put right."""
    step = tx.find(Step, (letter.key, letter.number))
    if letter.verb != Verb.UPDATE_PROGRESS.value or step is None:
        raise Problem(CONFLICT, reason=ONLY_PROGRESS)
    for name, value in changes.items():
        setattr(step, CHANGEABLE[name], value)


def discard_letter(tx: Tx, id: str, *, by: str, why: str, now: datetime) -> Closed:
    """Give up what was refused, so that what waits behind it goes on. A refused row of progress is given up
    alone; a refused state of the dossier (DongBoHoSoMC) takes every step up to it along, since the portal
    would take none of them without it."""
    letter = _open_letter(tx, id)
    _close(letter, DISCARDED, by=by, why=why, now=now)
    if letter.verb not in (Verb.SYNC_DOSSIERS.value, Verb.UPDATE_PROGRESS.value):
        return Closed(letter_view(letter))
    which = Step.version == letter.number
    if letter.verb == Verb.SYNC_DOSSIERS.value:
        which = Step.version <= letter.number
    done = tx.execute(
        update(Step)
        .where(Step.code == letter.key, which, Step.acknowledged_at.is_(None), Step.discarded_at.is_(None))
        .values(discarded_at=now),
        execution_options={"synchronize_session": False},
    )
    given_up = cast("CursorResult[tuple[()]]", done).rowcount
    return Closed(letter_view(letter), unparked=_unpark(tx, letter.key), given_up=given_up)


def order_to_retry(tx: Tx, *, verb: str | None, error_code: str | None) -> tuple[int, str]:
    """How many open letters can be sent again, and the id of the newest of them."""
    which = _to_retry(verb, error_code)
    number, newest = tx.execute(select(func.count(), func.max(DeadLetter.id)).where(*which)).one()
    return number, newest or ""


def letters_to_retry(
    tx: Tx, *, verb: str | None, error_code: str | None, after: str, upto: str, limit: int
) -> list[tuple[str, str]]:
    """(id, key) of the next of these letters behind `after`, the oldest first."""
    statement = select(DeadLetter.id, DeadLetter.key).where(
        *_to_retry(verb, error_code), DeadLetter.id > after, DeadLetter.id <= upto
    )
    return [(row.id, row.key) for row in tx.execute(statement.order_by(DeadLetter.id).limit(limit))]


def _to_retry(verb: str | None, error_code: str | None) -> list[ColumnElement[bool]]:
    which = [DeadLetter.state == OPEN, DeadLetter.verb != Verb.POLL_REQUESTS.value]
    which += [DeadLetter.verb == verb] if verb is not None else []
    return which + ([DeadLetter.error_code == error_code] if error_code is not None else [])


def _open_letter(tx: Tx, id: str) -> DeadLetter:
    letter = tx.find(DeadLetter, id)
    if letter is None:
        raise Problem(NOT_FOUND, field="path.id", what="dead letter", id=id)
    if letter.state != OPEN:
        raise Problem(CONFLICT, reason=CLOSED, state=letter.state)
    return letter


def _close(letter: DeadLetter, state: str, *, by: str, why: str | None, now: datetime) -> None:
    letter.state, letter.closed_by, letter.why, letter.closed_at = state, by, why, now


def _unpark(tx: Tx, code: str) -> int:
    """Let a lane go on; 1 if it was parked."""
    row = tx.find(Lane, code)
    if row is None or row.state != PARKED:
        return 0
    row.state, row.reason = OK, None
    waiting = select(func.min(Step.committed_at)).where(
        Step.code == code, Step.version > row.acknowledged_version, Step.discarded_at.is_(None)
    )
    row.waiting_since = tx.scalar(waiting)
    return 1
