"""Events in: tasks of the one-stop shop, and the personal id of a child whose birth was registered.

task ──► an act, entered at once ──► completed
a birth ──► accepted ──► population.personal-id-assigned ──► completed, with the number
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select, bindparam, select

from contracts.catalogue.civil_rules import parameter
from contracts.civil import Entered
from contracts.envelope import Event
from contracts.events.population import PersonalIdAssigned
from contracts.events.task import TaskRequested, TaskResumed
from contracts.tasks import Answer, AnswerKind, SupplementWanted, System
from services.bus.kit.clock import Clock
from services.bus.kit.desk import Desk, Handler
from services.bus.kit.tx import Tx
from services.registry.civil import forms
from services.registry.civil.books import Layout
from services.registry.civil.commands.births import assign_personal_id, register_birth
from services.registry.civil.commands.corrections import correct
from services.registry.civil.commands.deaths import register_death
from services.registry.civil.commands.entry import Act
from services.registry.civil.commands.extracts import issue_extract
from services.registry.civil.commands.marriages import register_marriage
from services.registry.civil.commands.relations import (
    certify_marital_status,
    recognise_parent,
    register_guardianship,
)
from services.registry.civil.commands.reregistrations import register_again
from services.registry.civil.models import Record, Task
from services.registry.civil.queries.people import content_of
from services.registry.civil.views import entered

_DONE_FOR: Select[Any] = select(Record.id).where(Record.task_id == bindparam("task_id"))


class CivilDesk:
    """The registry's desk and what reaches it."""

    def __init__(self, clock: Clock, layout: Layout) -> None:
        self.clock = clock
        self.layout = layout
        handlers: Mapping[str, Handler] = {
            "civil.register-birth": self.birth,
            "civil.register-death": self._entering(forms.death, register_death, _death_results),
            "civil.register-marriage": self._entering(forms.marriage, register_marriage, _marriage_results),
            "civil.certify-marital-status": self._entering(
                forms.marital_status, certify_marital_status, _status_results
            ),
            "civil.recognise-parent": self._entering(forms.recognition, recognise_parent, _recognition_results),
            "civil.register-guardianship": self._entering(forms.guardianship, register_guardianship, _nothing),
            "civil.re-register": self._entering(forms.birth_again, register_again, _number),
            "civil.correct-record": self.correction,
            "civil.extract": self.extract,
        }
        self.desk = Desk(System.CIVIL, Task, handlers, clock)

    def on_personal_id(self, tx: Tx, event: Event) -> None:
        """The child has its number: it goes on the record, and the task that waits for it is done."""
        if not event.is_a(PersonalIdAssigned):
            return
        assigned = event.data_as(PersonalIdAssigned)
        record = assign_personal_id(tx, assigned.record_id, assigned.personal_id, self.clock.now())
        if record is not None:
            self.desk.answer(tx, record.task_id, Answer.completed(_results(entered(record), _number(tx, record))))

    def birth(self, tx: Tx, task: TaskRequested, resumed: TaskResumed | None) -> Answer | None:
        """A birth is entered at once; its number comes from the population data."""
        record = _done_for(tx, task, resumed)
        if record is None:
            register_birth(tx, forms.birth(task), self._act(task))
        elif record.personal_id is not None:
            return Answer.completed(_results(entered(record), _number(tx, record)))
        return Answer(kind=AnswerKind.ACCEPTED)

    def correction(self, tx: Tx, task: TaskRequested, resumed: TaskResumed | None) -> Answer | None:
        """A correction that names no paper is asked for one."""
        ground = task.form.get("ground")
        needed = task.form.get("correction") in parameter("correction.ground-needed", "kinds")
        if needed and not ground:
            if resumed is None:
                wanted = SupplementWanted(content="Giấy tờ chứng minh cho nội dung cải chính hoặc ghi chú")
                return Answer(kind=AnswerKind.NEEDS_SUPPLEMENT, supplement=wanted)
            names = ", ".join(paper.name for paper in resumed.attachments)
            ground = {"kind": (resumed.content or names or "Giấy tờ bổ sung")[:100]}
        asked = forms.correction(task, ground)
        done = correct(tx, str(task.form.get("record_id")), asked, self._act(task))
        results = done.model_dump(mode="json", exclude={"id", "warnings"})
        return Answer.completed({**results, "record_id": done.id, "warnings": [w.rule for w in done.warnings]})

    def extract(self, tx: Tx, task: TaskRequested, resumed: TaskResumed | None) -> Answer | None:
        """Extracts are issued of a record that is there."""
        issued = issue_extract(tx, str(task.form.get("record_id")), forms.extract(task), self._act(task))
        results = issued.model_dump(
            mode="json", include={"record_id", "number", "book", "page", "version", "copies"}
        )
        day = issued.issued_on.isoformat()
        content = issued.record.content
        return Answer.completed({**results, "registered_on": day, "issued_on": day, "content": content})

    def _entering(
        self,
        read: Callable[[TaskRequested], Any],
        command: Callable[[Tx, Any, Act], Entered],
        more: Callable[[Tx, Any], dict[str, Any]],
    ) -> Handler:
        """The handler of an act that is done once it is entered."""

        def handle(tx: Tx, task: TaskRequested, resumed: TaskResumed | None) -> Answer | None:
            record = _done_for(tx, task, resumed)
            if record is not None:
                return Answer.completed(_results(entered(record), more(tx, record)))
            done = command(tx, read(task), self._act(task))
            tx.run_later()
            return Answer.completed(_results(done, more(tx, tx.find(Record, done.id))))

        return handle

    def _act(self, task: TaskRequested) -> Act:
        return Act(now=self.clock.now(), layout=self.layout, task_id=task.task_id)


def _done_for(tx: Tx, task: TaskRequested, resumed: TaskResumed | None) -> Any:
    """The record this task has led to already, if it has: also in this batch, when what the citizen brought comes
    together with the request."""
    if resumed is not None:
        tx.run_later()
    for (record_id,) in tx.fetch(_DONE_FOR, task_id=task.task_id):
        return tx.find(Record, record_id)
    return None


def _results(done: Entered, more: dict[str, Any]) -> dict[str, Any]:
    return {
        "record_id": done.id,
        "number": done.number,
        "book": done.book,
        "page": done.page,
        "registered_on": done.registered_on.isoformat(),
        "warnings": [warning.rule for warning in done.warnings],
        **more,
    }


def _nothing(tx: Tx, record: Any) -> dict[str, Any]:
    return {}


def _number(tx: Tx, record: Any) -> dict[str, Any]:
    return {"personal_id": record.personal_id}


def _death_results(tx: Tx, record: Any) -> dict[str, Any]:
    content = content_of(tx, record)
    name = content["deceased"]["full_name"]
    return {"personal_id": record.personal_id, "full_name": name, "died_on": content["died_on"]}


def _marriage_results(tx: Tx, record: Any) -> dict[str, Any]:
    content = content_of(tx, record)
    return {f"{side}_personal_id": content[side].get("personal_id") for side in ("husband", "wife")}


def _status_results(tx: Tx, record: Any) -> dict[str, Any]:
    content = content_of(tx, record)
    return {"marital_status": content["certified_status"], "valid_until": content["valid_until"]}


def _recognition_results(tx: Tx, record: Any) -> dict[str, Any]:
    return {"birth_record_id": content_of(tx, record).get("birth_record_id")}
