"""Where a running dossier goes next.

    a step is ready ──► its task is requested        all steps ended ──► 9, and 10 where nothing stands in the way
    a system wants papers ──► 5, money ──► 6         a step refuses and stops the rest ──► 8, with its reason
    the citizen brings them ──► the system goes on   withdrawn, or refused by the office ──► tasks are cancelled

`Course` is one dossier's run within one transaction. Whatever happens to the dossier or to a task, `settle` is
called afterwards and takes it as far as it goes now; called once more, it does nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

import structlog

from contracts.catalogue.plans import Plan, PlanStep
from contracts.catalogue.procedure_rules import rules_of
from contracts.events.dossier import Applicant, Attachment, RunEnded
from contracts.events.task import TaskCancelled, TaskRequested, TaskResumed
from contracts.problems import SYSTEMS_AT_WORK, Problem, Text
from contracts.status import Action, DossierStatus, Transition
from contracts.tasks import System
from services.bus.kit.deadlines import Duration, due
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.dossier.commands.steps import CALENDAR, take
from services.dossier.guards import decide, unpaid_fees
from services.dossier.models import Dossier
from services.dossier.results.commands import issue_for
from services.dossier.results.keyring import Signer
from services.dossier.results.views import DOCUMENT_TYPE, as_attachment
from services.dossier.tasks import models
from services.dossier.tasks.endings import ending_of, parts_of
from services.dossier.tasks.models import OPEN, Run, Task
from services.dossier.tasks.plans import kept

log = structlog.get_logger(__name__)

AXIS: Final = "Trục liên thông"
"""Who takes a step that follows from what systems answered."""

_BEFORE_RECEIPT: Final = (DossierStatus.SUBMITTED,)
_AT_WORK: Final = (DossierStatus.RECEIVED, DossierStatus.IN_PROGRESS)
_DONE: Final = (models.COMPLETED, models.SKIPPED)
_OVER: Final = (models.COMPLETED, models.SKIPPED, models.REFUSED, models.CANCELLED)

WITHDRAWN: Final = Text("Hồ sơ đã được rút.", "The dossier was withdrawn.")
REFUSED_BY_OFFICE: Final = Text("Hồ sơ bị từ chối.", "The dossier was refused.")
ANOTHER_REFUSED: Final = Text("Một bước khác bị từ chối.", "Another step was refused.")


def leave_to_systems(tx: Tx, dossier: Dossier, action: Action) -> None:
    """Raise SYSTEMS_AT_WORK if an officer would end what systems are still at."""
    if action is not Action.COMPLETE or tx.find(Run, dossier.code) is None:
        return
    course = Course(tx, dossier)
    open_ = sum(1 for task in course.tasks.values() if task.state not in _OVER)
    if open_:
        raise Problem(SYSTEMS_AT_WORK, field="body.action", code=dossier.code, open=open_)


def follow(
    tx: Tx, dossier: Dossier, action: Action | None, *, note: str, now: datetime, signer: Signer | None
) -> None:
    """A step was taken with a dossier that systems carry out, or a fee was paid, or it was just taken in: begin
    or go on. `signer` signs the electronic result; without one none is issued."""
    status = DossierStatus(dossier.status)
    if tx.find(Run, dossier.code) is None:
        if status in _BEFORE_RECEIPT or status.is_terminal or status is DossierStatus.WITHDRAWN:
            return
        _begin(tx, dossier, now)
    course = Course(tx, dossier, signer)
    match action:
        case Action.WITHDRAW:
            course.end(models.CANCELLED, WITHDRAWN, now)
        case Action.REFUSE:
            course.end(models.CANCELLED, REFUSED_BY_OFFICE, now)
        case Action.SUPPLEMENT:
            course.resume(models.AWAITS_SUPPLEMENT, "supplement", note, now)
        case Action.RESUME:
            course.ask_again(now)
    course.settle(now)


def _begin(tx: Tx, dossier: Dossier, now: datetime) -> None:
    """Lay out every step as a task; none is requested yet."""
    assert dossier.plan is not None
    tx.insert(Run, code=dossier.code, outcome=models.RUNNING, rounds=0, began_at=now, ended_at=None)
    for step in kept(tx, dossier.plan).steps:
        wanted = step.when is None or step.when.holds(dossier.form)
        tx.insert(
            Task,
            id=f"{dossier.code}.{step.id}",
            code=dossier.code,
            step=step.id,
            part=step.part,
            system=step.system.value,
            kind=step.kind,
            state=models.WAITING if wanted else models.SKIPPED,
            told=0,
            said=0,
            requested_at=None,
            due_at=None,
            overdue_at=None,
            times_overdue=0,
            closed_at=None,
            note="",
            wanted=None,
            results={},
            refusal=None,
        )


class Course:
    """One dossier's run within one transaction."""

    def __init__(self, tx: Tx, dossier: Dossier, signer: Signer | None = None) -> None:
        assert dossier.plan is not None
        self.tx = tx
        self.signer = signer
        self.dossier = dossier
        self.plan: Plan = kept(tx, dossier.plan)
        ids = [f"{dossier.code}.{step.id}" for step in self.plan.steps]
        tx.preload(Task, ids)
        self.tasks: dict[str, Task] = {
            step.id: _there(tx.find(Task, id_)) for step, id_ in zip(self.plan.steps, ids, strict=True)
        }
        self.run: Run = _there(tx.find(Run, dossier.code))

    # -- going on ------------------------------------------------------------------------------------------

    def settle(self, now: datetime) -> None:
        """Take the dossier as far as it goes now."""
        if self.run.outcome == models.RUNNING:
            self._open_what_is_ready(now)
            if self.run.outcome == models.RUNNING:
                self._follow_the_tasks(now)
        if self.run.outcome == models.REFUSED:
            self._stop(now)
        if self.run.outcome in (models.COMPLETED, models.PARTLY):
            self._return(now)

    def _open_what_is_ready(self, now: datetime) -> None:
        for step in self.plan.steps:
            task = self.tasks[step.id]
            if task.state == models.REFUSED and step.on_refusal == "stop":
                self.end(models.REFUSED, ANOTHER_REFUSED, now)
                return
            if task.state != models.WAITING:
                continue
            before = {self.tasks[name].state for name in step.after}
            if before & {models.REFUSED, models.CANCELLED}:
                task.state, task.closed_at = models.CANCELLED, now
                task.note = ANOTHER_REFUSED.vi
            elif before <= set(_DONE):
                self._request(step, task, now)

    def _follow_the_tasks(self, now: datetime) -> None:
        self._go_on_with_the_paid(now)
        states = {task.state for task in self.tasks.values()}
        if self.dossier.status == DossierStatus.PAYMENT_REQUESTED and models.AWAITS_PAYMENT not in states:
            self._take(Action.CONFIRM_PAYMENT, "Đã thực hiện nghĩa vụ tài chính", now)
        status = DossierStatus(self.dossier.status)
        if status not in _AT_WORK:
            return
        if models.AWAITS_SUPPLEMENT in states:
            self._take(Action.REQUEST_SUPPLEMENT, self._wanted_of(models.AWAITS_SUPPLEMENT), now)
        elif models.AWAITS_PAYMENT in states:
            self._start(now)
            self._take(Action.REQUEST_PAYMENT, self._wanted_of(models.AWAITS_PAYMENT), now)
        elif states <= set(_OVER):
            self._complete(now)
        elif states - {models.WAITING, models.SKIPPED, models.REQUESTED}:
            self._start(now)

    def _complete(self, now: datetime) -> None:
        refused = any(task.state == models.REFUSED for task in self.tasks.values())
        self.run.outcome = models.PARTLY if refused else models.COMPLETED
        self.run.ended_at = now
        self._start(now)
        self.issue_results(now)
        self._take(Action.COMPLETE, ending_of(self.plan, self.tasks), now)
        self._announce_end(now)

    def issue_results(self, now: datetime) -> None:
        """Leave the signed electronic result the plan names. What cannot be put together is said in the log, and
        the dossier waits at 9 for an officer's result if its procedure needs one."""
        if self.signer is None:
            return
        done = {task.step: task.results for task in self.tasks.values() if task.state == models.COMPLETED}
        try:
            issued = issue_for(
                self.tx, self.signer, self.dossier, self.plan, done, now=now, kinds=self._result_kinds(done)
            )
        except Problem as problem:
            log.error("result.not-issued", dossier=self.dossier.code, reason=problem.type.slug)
            return
        earlier = [each for each in self.dossier.results if each["media_type"] != DOCUMENT_TYPE]
        self.dossier.results = [*earlier, *(as_attachment(each) for each in issued)]

    def _result_kinds(self, done: Collection[str]) -> list[str]:
        """Of what its plan leaves, what has come about."""
        own = [self.plan.result] if self.plan.result is not None else []
        return own + [kind for step, kind in self.plan.further_results.items() if step in done]

    def _return(self, now: datetime) -> None:
        if self.plan.returned == "automatically" and self.dossier.status == DossierStatus.COMPLETED:
            self._take(Action.RETURN_RESULT, "Trả kết quả điện tử", now)

    def _stop(self, now: datetime) -> None:
        """Bring the dossier to 8, whatever it is waiting for."""
        status = DossierStatus(self.dossier.status)
        refused = next(task for task in self.tasks.values() if task.state == models.REFUSED)
        why = refused.refusal["vi"] if refused.refusal else ANOTHER_REFUSED.vi
        if status is DossierStatus.PAYMENT_REQUESTED:
            self._take(Action.CONFIRM_PAYMENT, "Thông báo nghĩa vụ tài chính được hủy", now)
        elif status is DossierStatus.SUPPLEMENT_REQUESTED:
            self._take(Action.SUPPLEMENT, "Yêu cầu bổ sung được hủy", now)
        self._start(now)
        self._take(Action.SUSPEND, why, now)

    # -- tasks ---------------------------------------------------------------------------------------------

    def resume(self, state: str, supplied: str, content: str, now: datetime) -> None:
        """Tell every task that waits for this that it has come."""
        for task in self.tasks.values():
            if task.state == state:
                self._go_on(task, supplied, content, now)

    def _go_on_with_the_paid(self, now: datetime) -> None:
        unpaid = {fee["code"] for fee in unpaid_fees(self.dossier)}
        for task in self.tasks.values():
            if task.state == models.AWAITS_PAYMENT and not unpaid & _asked(task):
                self._go_on(task, "payment", "", now)

    def _go_on(self, task: Task, supplied: str, content: str, now: datetime) -> None:
        payments = (task.wanted or {}).get("payments", ())
        task.wanted, task.state = None, models.IN_PROGRESS
        event = TaskResumed(
            task_id=task.id,
            system=System(task.system),
            supplied=supplied,
            content=content,
            attachments=_papers(self.dossier),
            paid_vnd=sum(each["amount_vnd"] for each in payments),
            at=now,
        )
        self._tell(task, event, now)

    def ask_again(self, now: datetime) -> None:
        """An officer goes on with a dossier that a refusal stopped: the refused tasks are asked for once more."""
        if self.run.outcome != models.REFUSED:
            return
        self.run.outcome, self.run.ended_at = models.RUNNING, None
        for task in self.tasks.values():
            if task.state in (models.REFUSED, models.CANCELLED):
                task.state, task.closed_at, task.refusal = models.WAITING, None, None

    def end(self, outcome: str, why: Text, now: datetime) -> None:
        """The run is over before all its steps are: what is open is cancelled."""
        if self.run.outcome != models.RUNNING:
            return
        self.run.outcome, self.run.ended_at = outcome, now
        for task in self.tasks.values():
            was_open = task.state in OPEN
            if task.state in _OVER:
                continue
            self._forget_fees(task)
            task.state, task.closed_at, task.wanted, task.note = models.CANCELLED, now, None, why.vi
            if was_open:
                cancelled = TaskCancelled(task_id=task.id, system=System(task.system), reason=why.vi, at=now)
                self._tell(task, cancelled, now)
        self._announce_end(now)

    def _request(self, step: PlanStep, task: Task, now: datetime) -> None:
        dossier = self.dossier
        task.state, task.requested_at, task.overdue_at = models.REQUESTED, now, None
        task.due_at = due(now, Duration.parse(step.limit), CALENDAR).at
        earlier = {
            name: self.tasks[name].results for name in self.tasks if self.tasks[name].state == models.COMPLETED
        }
        event = TaskRequested(
            task_id=task.id,
            system=step.system,
            dossier_code=dossier.code,
            procedure_code=dossier.procedure_code,
            part=step.part,
            step=step.id,
            kind=step.kind,
            receiving_agency=dossier.receiving_agency,
            officer=AXIS,
            applicant=Applicant(
                personal_id=dossier.personal_id,
                full_name=dossier.full_name,
                date_of_birth=dossier.date_of_birth,
                phone=dossier.phone,
                email=dossier.email,
                kind=dossier.kind,
            ),
            form=dossier.form,
            earlier=earlier,
            attachments=_papers(dossier),
            requested_at=now,
            due_at=task.due_at,
        )
        self._tell(task, event, now)

    def _tell(self, task: Task, event: TaskRequested | TaskResumed | TaskCancelled, now: datetime) -> None:
        task.told += 1
        emit(self.tx, event, key=task.id, version=task.told, at=now, dossier=self.dossier.code)

    # -- fees ----------------------------------------------------------------------------------------------

    def _forget_fees(self, task: Task) -> None:
        """What a cancelled task asked for and nobody has paid is not owed any more."""
        asked = _asked(task)
        if asked:
            self.dossier.fees = [fee for fee in self.dossier.fees if fee["paid"] or fee["code"] not in asked]

    # -- steps ---------------------------------------------------------------------------------------------

    def _start(self, now: datetime) -> None:
        if self.dossier.status == DossierStatus.RECEIVED:
            self._take(Action.START, "", now)

    def _take(self, action: Action, note: str, now: datetime) -> None:
        """Take a step, if its guards let it now."""
        outcome = decide(self.dossier, action, rules_of(self.dossier.procedure_code), note=note, now=now)
        if isinstance(outcome, Transition):
            take(self.tx, self.dossier, action, outcome.target, officer=AXIS, note=note, now=now)

    # -- words ---------------------------------------------------------------------------------------------

    def _wanted_of(self, state: str) -> str:
        return "; ".join(task.note for task in self.tasks.values() if task.state == state and task.note)[:2_000]

    def _announce_end(self, now: datetime) -> None:
        event = RunEnded(
            code=self.dossier.code,
            procedure_code=self.dossier.procedure_code,
            receiving_agency=self.dossier.receiving_agency,
            outcome=self.run.outcome,
            parts=parts_of(self.tasks.values()),
            at=now,
        )
        self.run.rounds += 1
        emit(self.tx, event, key=f"{self.dossier.code}/run", version=self.run.rounds, at=now)


def _asked(task: Task) -> set[str]:
    """The codes of the fees this task asked for."""
    return {each["code"] for each in (task.wanted or {}).get("payments", ())}


def _papers(dossier: Dossier) -> tuple[Attachment, ...]:
    return tuple(Attachment.model_validate(each) for each in dossier.attachments)


def _there(row: Any) -> Any:
    assert row is not None
    return row
