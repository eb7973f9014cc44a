"""What the land registry does about each kind of task.

    land.check ──► supplement wanted ──► resumed ──► checked        the change is pending, the right locked
    land.register-change                                            the pending change is registered

The others are one step. A handler raises before it touches anything, and that is a refusal with every rule broken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contracts.events.task import TaskRequested, TaskResumed
from contracts.land import RegisteredChange, RestrictionKind, area_text
from contracts.problems import NOT_FOUND, Problem
from contracts.tasks import Answer, AnswerKind, SupplementWanted
from contracts.times import vn_date
from services.bus.kit.clock import Clock
from services.bus.kit.desk import Handler
from services.bus.kit.tx import Tx
from services.registry.land.commands import changes
from services.registry.land.commands.changes import TaxSettled
from services.registry.land.commands.rows import locked_parcel
from services.registry.land.desk import forms, results
from services.registry.land.models import Change, Restriction
from services.registry.land.queries.changes import pending_of_dossier
from services.registry.land.queries.situation import gather, live_restrictions
from services.registry.land.rules import Situation, judge

DEATH_PAPER = "Bổ sung trích lục khai tử của người để lại di sản."


class Handlers:
    """The handlers, by kind, on one clock."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    @property
    def by_kind(self) -> Mapping[str, Handler]:
        return {
            "land.check": self.check,
            "land.register-change": self.register_change,
            "land.register-mortgage": self.register_mortgage,
            "land.delete-mortgage": self.delete_mortgage,
            "land.split": self._simple(forms.split_of),
            "land.reissue-certificate": self._simple(
                lambda task: forms.reissue_of(task, vn_date(self.clock.now()))
            ),
            "land.correct": self._simple(forms.correction_of),
        }

    def check(self, tx: Tx, task: TaskRequested, resumed: TaskResumed | None) -> Answer | None:
        """Judge the change; if nothing forbids it, it is pending from now on."""
        asked, situation = self._judged(tx, task, forms.change_of(task))
        unknown = any(each.rule.id == "inheritance.death-known" for each in judge(asked.kind, situation).warnings)
        if unknown and resumed is None:
            supplement = SupplementWanted(content=DEATH_PAPER)
            return Answer(kind=AnswerKind.NEEDS_SUPPLEMENT, supplement=supplement)
        filed = self._file(tx, task, asked, situation, None)
        return Answer.completed(
            {
                "parcel_key": situation.parcel,
                "change_id": filed.id,
                "warnings": filed.warnings,
                "taxable": {
                    "kind": asked.kind,
                    "value_vnd": asked.value_vnd,
                    "area_m2": area_text(situation.area),
                    "relation": getattr(asked, "relation", "") or None,
                    "land_uses": [f"{code}: {area_text(area)}" for code, area in situation.land_uses],
                },
            }
        )

    def register_change(self, tx: Tx, task: TaskRequested, resumed: TaskResumed | None) -> Answer | None:
        """Register what the check left pending; anew, if it was given up meanwhile or never needed to wait."""
        settled = _settled(task)
        change_id = next((step["change_id"] for step in task.earlier.values() if "change_id" in step), None)
        row = tx.find(Change, change_id) if isinstance(change_id, str) else None
        if row is not None and row.dossier == task.dossier_code and row.state == "pending":
            filed = changes.confirm(tx, row.id, settled, now=self.clock.now())
        elif row is not None and row.dossier == task.dossier_code and row.state == "registered":
            return Answer.completed(results.of_change(tx, row))
        else:
            asked, situation = self._judged(tx, task, forms.change_of(task))
            filed = self._file(tx, task, asked, situation, settled)
        return _completed(tx, filed)

    def register_mortgage(self, tx: Tx, task: TaskRequested, resumed: TaskResumed | None) -> Answer | None:
        """Register a mortgage."""
        asked, situation = self._judged(tx, task, forms.mortgage_of(task))
        filed = self._file(tx, task, asked, situation, None)
        told = results.of_mortgage(situation, filed, asked.mortgagee.name)
        return Answer.completed({**told, "registered_at": self.clock.now().isoformat()})

    def delete_mortgage(self, tx: Tx, task: TaskRequested, resumed: TaskResumed | None) -> Answer | None:
        """Delete the mortgage of this contract."""
        key, wanted = forms.parcel_key(task.form), task.form.get("contract_number")
        locked_parcel(tx, key)
        mortgage = _mortgage(tx, key, str(wanted))
        asked, situation = self._judged(tx, task, forms.deletion_of(task, mortgage.id))
        filed = self._file(tx, task, asked, situation, None)
        told = results.of_mortgage(situation, filed, mortgage.holder)
        return Answer.completed({**told, "deleted_at": self.clock.now().isoformat()})

    # -- within --------------------------------------------------------------------------------------------

    def _reissue_of(self, task: TaskRequested) -> Any:
        return forms.reissue_of(task, vn_date(self.clock.now()))

    def _simple(self, change_of: Callable[[TaskRequested], Any]) -> Handler:
        """A handler that files one change and tells the certificate afterwards."""

        def handle(tx: Tx, task: TaskRequested, resumed: TaskResumed | None) -> Answer | None:
            asked, situation = self._judged(tx, task, change_of(task))
            return _completed(tx, self._file(tx, task, asked, situation, None))

        return handle

    def _judged(self, tx: Tx, task: TaskRequested, asked: Any) -> tuple[Any, Situation]:
        """The change with all consents and the situation it meets; raises what forbids it. What the same dossier
        left pending before is no obstacle."""
        key = forms.parcel_key(task.form)
        parcel = locked_parcel(tx, key, getattr(asked, "others", ()))
        own = next((each.id for each in pending_of_dossier(tx, task.dossier_code) if each.parcel_key == key), None)
        today = vn_date(self.clock.now())
        situation = gather(tx, parcel, asked, today=today, but=own)
        asked = forms.with_consents(asked, task, situation)
        situation = gather(tx, parcel, asked, today=today, but=own)
        forms.check_applicant(task, asked, situation)
        judge(asked.kind, situation).refuse()
        return asked, situation

    def _file(
        self, tx: Tx, task: TaskRequested, asked: Any, situation: Situation, settled: TaxSettled | None
    ) -> RegisteredChange:
        """File what was judged, in place of what the same dossier left pending."""
        for each in pending_of_dossier(tx, task.dossier_code):
            changes.give_up(tx, each.id, "Được thay bằng yêu cầu mới của cùng hồ sơ.")
        tx.flush()
        key, now = situation.parcel, self.clock.now()
        return changes.file(tx, key, asked, settled=settled, dossier=task.dossier_code, now=now)


def _completed(tx: Tx, filed: RegisteredChange) -> Answer:
    row = tx.find(Change, filed.id)
    assert row is not None
    return Answer.completed(results.of_change(tx, row))


def _settled(task: TaskRequested) -> TaxSettled:
    """What the tax office answered, if it was asked."""
    for step in task.earlier.values():
        if "notice" in step or "exempt" in step:
            return TaxSettled(
                notice=str(step.get("notice") or ""),
                amount_vnd=int(step.get("amount_vnd") or 0),
                exempt=bool(step.get("exempt")),
                reason=str(step.get("reason") or ""),
            )
    return TaxSettled()


def _mortgage(tx: Tx, key: str, contract: str) -> Restriction:
    for each in live_restrictions(tx, key):
        if each.kind == RestrictionKind.MORTGAGE and contract in (each.document_number, each.id):
            return each
    raise Problem(NOT_FOUND, field="form.contract_number", what="land restriction", id=contract[:60])
