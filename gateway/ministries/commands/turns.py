"""A stand-in's turns at a task: taking it up, working on it, and giving what has fallen due.

Every turn is a row before it has an effect, and is given in the transaction that notes it as given: after a crash
what was due is given once, neither lost nor twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import bindparam, select

from contracts.events.task import TaskRequested, TaskResumed
from contracts.tasks import Answer, System
from gateway.ministries.commands.granted import note_granted
from gateway.ministries.fates import Saying, Visit, sayings
from gateway.ministries.kinds import outcome
from gateway.ministries.kinds.matter import Matter
from gateway.ministries.models import ANSWER, DONE, DROPPED, FORGOTTEN, WAITING, WORK, Task, Turn
from gateway.ministries.personas import Mark
from gateway.ministries.queries.personas import InForce, in_force
from services.bus.kit.desk import CANCELLED
from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx

PAYMENT: Final = "payment"

_OF_TASK: Final = (
    select(Turn.id, Turn.what, Turn.state, Turn.resumed)
    .where(Turn.task_id == bindparam("task_id"))
    .order_by(Turn.id)
)


class Speaker(Protocol):
    """The desk of one stand-in."""

    system: System
    seed: int

    def say(self, tx: Tx, row: Any, answer: Answer) -> int:
        """Say something about a task; the version of the answer."""
        ...


def begin(tx: Tx, desk: Speaker, task: TaskRequested, resumed: TaskResumed | None, now: datetime) -> None:
    """A task has come, or what its citizen had to supply. Works on it now, unless its system is held."""
    row: Any = tx.find(Task, task.task_id)
    force = in_force(tx, desk.system, task.kind)
    held = force.holds(now)
    if resumed is not None:
        drop_waiting(tx, row.id, now)
    if held or resumed is not None:
        supplied = None if resumed is None else resumed.model_dump(mode="json")
        _turn(
            tx,
            row,
            now,
            what=WORK,
            state=WAITING if held else DONE,
            resumed=supplied,
            done_at=None if held else now,
        )
    if not held:
        _work(tx, desk, row, task, resumed, force, now)


def give(tx: Tx, desks: dict[str, Any], turn_id: str, now: datetime) -> bool:
    """Give a turn that is due; False if there is nothing to do (any more), or its system is held or elsewhere."""
    tx.preload(Turn, (turn_id,), for_update=True)
    turn: Any = tx.find(Turn, turn_id)
    desk = desks.get(turn.system)
    if turn.state != WAITING or desk is None:
        return False
    force = in_force(tx, desk.system, turn.kind)
    if force.holds(now):
        return False
    row: Any = tx.find(Task, turn.task_id)
    if row.state == CANCELLED or row.round != turn.round:
        turn.state, turn.done_at = DROPPED, now
        return True
    turn.state, turn.done_at = DONE, now
    if turn.what == WORK:
        resumed = None if turn.resumed is None else TaskResumed.model_validate(turn.resumed)
        _work(tx, desk, row, TaskRequested.model_validate(row.request), resumed, force, now)
    else:
        turn.version = _said(tx, desk, row, Answer.model_validate(turn.answer), Mark(turn.mark), now)
    return True


def give_up(tx: Tx, turn_id: str, now: datetime) -> None:
    """A turn that cannot be given is dropped, so that it stops nobody."""
    turn: Any = tx.find(Turn, turn_id)
    if turn is not None and turn.state == WAITING:
        turn.state, turn.done_at = DROPPED, now


def drop_waiting(tx: Tx, task_id: str, now: datetime) -> None:
    """What still waited to be done or said about this task is not any more."""
    tx.run_later()
    for turn_id, _, state, _ in tx.fetch(_OF_TASK, task_id=task_id):
        if state == WAITING:
            turn: Any = tx.find(Turn, turn_id)
            turn.state, turn.done_at = DROPPED, now


def by_hand(tx: Tx, desk: Speaker, row: Any, answer: Answer, now: datetime) -> None:
    """Somebody plays the ministry: what the stand-in itself had in mind is dropped, unless this says little."""
    if answer.kind.closes or answer.supplement is not None or answer.payments:
        drop_waiting(tx, row.id, now)
    _speak(tx, desk, row, Saying(timedelta(), answer, Mark.HAND), now)


# -- within ------------------------------------------------------------------------------------------------


def _work(
    tx: Tx,
    desk: Speaker,
    row: Any,
    task: TaskRequested,
    resumed: TaskResumed | None,
    force: InForce,
    now: datetime,
) -> None:
    paid = _paid(tx, row) if row.answers else 0

    def own(after: timedelta) -> Answer:
        return outcome(Matter(task, now + after, desk.seed, paid))

    visit = Visit(row.id, row.kind, row.round, None if resumed is None else resumed.supplied)
    scripted = force.next_scripted(row.dossier_code, row.kind)
    if scripted is not None:
        force.row.script_used = [*force.row.script_used, scripted[0]]
    for saying in sayings(force.persona, visit, scripted[1] if scripted is not None else None, own):
        if saying.answer is None:
            _turn(tx, row, now, state=FORGOTTEN, mark=saying.mark, done_at=now)
        elif saying.after <= timedelta():
            _speak(tx, desk, row, saying, now)
        else:
            _turn(
                tx,
                row,
                now + saying.after,
                mark=saying.mark,
                answer=_document(saying.answer),
            )


def _speak(tx: Tx, desk: Speaker, row: Any, saying: Saying, now: datetime) -> None:
    """Say it at once, and note it."""
    assert saying.answer is not None
    version = _said(tx, desk, row, saying.answer, saying.mark, now)
    _turn(
        tx,
        row,
        now,
        state=DONE,
        mark=saying.mark,
        answer=_document(saying.answer),
        done_at=now,
        version=version,
    )


def _said(tx: Tx, desk: Speaker, row: Any, answer: Answer, mark: Mark, now: datetime) -> int:
    version = desk.say(tx, row, answer)
    if answer.results and mark is not Mark.LIE:
        note_granted(tx, row, answer.results, now)
    return version


def _paid(tx: Tx, row: Any) -> int:
    """What was paid for this task so far: what was paid before a refusal stays paid."""
    tx.run_later()
    return sum(
        resumed["paid_vnd"]
        for _, what, _, resumed in tx.fetch(_OF_TASK, task_id=row.id)
        if what == WORK and resumed is not None and resumed["supplied"] == PAYMENT
    )


def _document(answer: Answer) -> dict[str, Any]:
    return answer.model_dump(mode="json", exclude_defaults=True)


def _turn(
    tx: Tx,
    row: Any,
    due_at: datetime,
    *,
    what: str = ANSWER,
    state: str = WAITING,
    mark: Mark = Mark.PLAIN,
    answer: dict[str, Any] | None = None,
    resumed: dict[str, Any] | None = None,
    done_at: datetime | None = None,
    version: int | None = None,
) -> None:
    tx.insert(
        Turn,
        id=new_id(),
        task_id=row.id,
        system=row.system,
        kind=row.kind,
        round=row.round,
        what=what,
        mark=mark.value,
        answer=answer,
        resumed=resumed,
        state=state,
        due_at=due_at,
        done_at=done_at,
        version=version,
    )
