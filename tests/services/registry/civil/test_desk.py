"""Tasks of the one-stop shop: carried out once, answered with what their kind promises, or refused in words."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from contracts.catalogue.form_schemas import form_schema
from contracts.catalogue.plans import plan_of
from contracts.events.civil import BirthRegistered
from contracts.events.task import TaskAnswered, TaskResumed
from contracts.tasks import Answer, AnswerKind, System, task_kind, task_kinds
from services.bus.kit.clock import FixedClock
from services.bus.kit.store import Store
from services.bus.kit.tx import Tx
from services.registry.civil.books import Layout
from services.registry.civil.reactions import CivilDesk
from tests.services.registry.civil.acts import (
    NOW,
    assigned,
    born,
    event,
    events,
    man,
    number,
    party,
    shown,
    task,
    woman,
)

pytestmark = pytest.mark.anyio

CHILD = number("female", 2026, 77)
BIRTH = {
    "child_name": "Nguyễn Ngọc Chi",
    "child_sex": "female",
    "child_born_at": "2026-11-01T23:30:00+07:00",
    "place_of_birth": "Bệnh viện Đa khoa tỉnh Bình Định",
    "mother": {
        "full_name": "Trần Thị Bình",
        "personal_id": number("female", 1992, 2),
        "date_of_birth": "1992-09-02",
    },
    "relation_of_applicant": "father",
}
DEATH = {
    "deceased": man(),
    "died_at": "2026-11-18T04:00:00+07:00",
    "place_of_death": "Tại nhà",
    "death_notice": {"number": "3/2026"},
}
MARRIAGE = {"husband": man(), "wife": woman(), "voluntary": "yes", "capable": "yes"}
STATUS = {"person": man(), "declared_status": "single", "purpose": "Kết hôn"}
RECOGNITION = {
    "role": "father",
    "child": party("Nguyễn Ngọc Chi", "2020-11-01"),
    "parent": man(),
    "evidence": "Kết quả giám định",
}
GUARDIANSHIP = {
    "arrangement": "natural",
    "ward": party("Lê Bé", "2015-03-01"),
    "guardian": {name: value for name, value in man().items() if name != "sex"},
    "reason": "Cha, mẹ đã chết",
}
AGAIN = {
    "child_personal_id": number("male", 1970, 3),
    "child_name": "Võ Văn Bảy",
    "child_sex": "male",
    "child_date_of_birth": "1970",
    "place_of_birth": "Tuy Phước",
    "ground": "Sổ bị cháy",
}
DONE_AT_ONCE: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("1.000656", "civil.register-death", DEATH, {"book": "01/2026-KT", "died_on": "2026-11-18"}),
    ("1.000894", "civil.register-marriage", MARRIAGE, {"book": "01/2026-KH"}),
    (
        "1.004873",
        "civil.certify-marital-status",
        STATUS,
        {"marital_status": "single", "valid_until": "2027-05-20"},
    ),
    ("1.001022", "civil.recognise-parent", RECOGNITION, {"birth_record_id": None}),
    ("1.004837", "civil.register-guardianship", GUARDIANSHIP, {"book": "01/2026-GH"}),
    ("1.004884", "civil.re-register", AGAIN, {"personal_id": AGAIN["child_personal_id"]}),
]


class Counter:
    """The desk over a store, and what it answers."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.desk = CivilDesk(FixedClock(NOW), Layout())

    async def hear(self, data: Any, version: int = 1) -> None:
        heard = event(data, data.task_id, version)
        await self.store.write(lambda tx: self.desk.desk.react(tx, heard))

    async def number_given(self, record_id: str, personal_id: str = CHILD) -> None:
        heard = assigned(record_id, personal_id)
        await self.store.write(lambda tx: self.desk.on_personal_id(tx, heard))

    async def answers(self) -> list[Answer]:
        return [each.data_as(TaskAnswered).answer for each in await events(self.store) if each.is_a(TaskAnswered)]


@pytest.fixture
def counter(store: Store) -> Counter:
    return Counter(store)


def fits(answer: Answer, kind: str) -> None:
    """The results are what the kind of task promises."""
    Draft202012Validator(task_kind(kind).results, format_checker=FormatChecker()).validate(answer.results)


async def test_a_birth_is_accepted_then_completed_with_the_number(store: Store, counter: Counter) -> None:
    asked = task("civil.register-birth", BIRTH)
    Draft202012Validator(form_schema("1.001193"), format_checker=FormatChecker()).validate(BIRTH)
    await counter.hear(asked)
    assert [each.kind for each in await counter.answers()] == [AnswerKind.ACCEPTED]
    (registered,) = [each for each in await events(store) if each.is_a(BirthRegistered)]
    told = registered.data_as(BirthRegistered)
    assert (str(told.born_on), told.dossier_code) == ("2026-11-01", asked.dossier_code)
    await counter.number_given(told.record_id)
    _, completed = await counter.answers()
    assert completed.kind is AnswerKind.COMPLETED
    fits(completed, "civil.register-birth")
    assert completed.results["personal_id"] == CHILD
    assert completed.results["number"] == "1/2026"
    view = await shown(store, told.record_id)
    assert view.content["declarant"] == {
        "full_name": "Nguyễn Văn An",
        "personal_id": number("male", 1990, 1),
        "relation": "father",
    }
    await counter.number_given(told.record_id)  # once more: nothing happens
    await counter.hear(asked)
    assert len(await counter.answers()) == 2


async def test_a_number_for_no_record_of_ours_is_passed_over(store: Store, counter: Counter) -> None:
    await counter.number_given("019a0000-0000-7000-8000-000000000000")
    done = await born(store)  # over HTTP: no task waits
    await counter.number_given(done.id)
    assert await counter.answers() == []
    assert (await shown(store, done.id)).personal_id == CHILD


@pytest.mark.parametrize(("procedure", "kind", "form", "expected"), DONE_AT_ONCE, ids=lambda each: str(each)[:30])
async def test_what_is_entered_is_done(
    counter: Counter, procedure: str, kind: str, form: dict[str, Any], expected: dict[str, Any]
) -> None:
    Draft202012Validator(form_schema(procedure), format_checker=FormatChecker()).validate(form)
    await counter.hear(task(kind, form))
    await counter.hear(task(kind, form))
    (answer,) = await counter.answers()
    assert answer.kind is AnswerKind.COMPLETED, answer.refusal
    fits(answer, kind)
    assert answer.results.items() >= expected.items()


async def test_a_refusal_is_told_in_both_languages_and_nothing_is_entered(store: Store, counter: Counter) -> None:
    await counter.hear(task("civil.register-marriage", {**MARRIAGE, "husband": man(1, 2010), "capable": "no"}))
    (answer,) = await counter.answers()
    assert answer.kind is AnswerKind.REFUSED and answer.refusal is not None
    assert answer.refusal.code == "civil-rules-broken"
    assert "16" in answer.refusal.vi and "20" in answer.refusal.en
    assert "năng lực hành vi" in answer.refusal.vi
    assert len(await events(store)) == 1


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("civil.register-birth", {}),
        ("civil.register-birth", {**BIRTH, "child_born_at": "yesterday"}),
        ("civil.register-birth", {**BIRTH, "mother": "Bình"}),
        ("civil.register-death", {"deceased": 7}),
        ("civil.correct-record", {"record_id": "nobody", "correction": "change", "fields": {"child.sex": "male"}}),
        ("civil.extract", {"record_id": "nobody", "copies": 1}),
        ("civil.extract", {"copies": "many"}),
        ("civil.bury", {}),
    ],
)
async def test_a_form_that_does_not_fit_is_refused(counter: Counter, kind: str, form: dict[str, Any]) -> None:
    await counter.hear(task(kind, form))
    (answer,) = await counter.answers()
    assert answer.kind is AnswerKind.REFUSED


async def test_a_birth_is_entered_once_though_papers_come_together_with_the_request(
    store: Store, counter: Counter
) -> None:
    asked = task("civil.register-birth", BIRTH)
    resumed = TaskResumed(task_id="T1", system=System.CIVIL, supplied="supplement", content="Đã nộp", at=NOW)
    heard = [event(asked, "T1", 1), event(resumed, "T1", 2)]

    def both(tx: Tx) -> None:
        for each in heard:
            counter.desk.desk.react(tx, each)

    await store.write(both)
    assert [each.kind for each in await counter.answers()] == [AnswerKind.ACCEPTED, AnswerKind.ACCEPTED]
    assert sum(each.is_a(BirthRegistered) for each in await events(store)) == 1


async def test_a_refused_task_may_be_asked_again(counter: Counter) -> None:
    await counter.hear(task("civil.register-marriage", {**MARRIAGE, "voluntary": "no"}))
    await counter.hear(task("civil.register-marriage", MARRIAGE), version=2)
    assert [each.kind for each in await counter.answers()] == [AnswerKind.REFUSED, AnswerKind.COMPLETED]


async def test_a_correction_without_its_paper_is_asked_for_one(store: Store, counter: Counter) -> None:
    done = await born(store)
    form = {"record_id": done.id, "correction": "correction", "fields": {"child.full_name": "Nguyễn Ngọc Chí"}}
    await counter.hear(task("civil.correct-record", form))
    resumed = TaskResumed(
        task_id="T1", system=System.CIVIL, supplied="supplement", content="Giấy chứng sinh", at=NOW
    )
    await counter.hear(resumed, version=2)
    wanted, completed = await counter.answers()
    assert wanted.kind is AnswerKind.NEEDS_SUPPLEMENT
    fits(completed, "civil.correct-record")
    assert (completed.results["version"], completed.results["changed"]) == (2, ["child.full_name"])
    await counter.hear(task("civil.extract", {"record_id": done.id, "copies": 3}, task_id="T2"))
    extract = (await counter.answers())[-1]
    fits(extract, "civil.extract")
    assert extract.results["content"]["child"]["full_name"] == "Nguyễn Ngọc Chí"


def test_every_kind_has_its_plan_and_its_handler(counter_kinds: set[str]) -> None:
    ours = {kind.kind for kind in task_kinds() if kind.system is System.CIVIL}
    assert counter_kinds == ours
    procedures = ("1.001193", "1.000656", "1.000894", "1.004873", "1.004859", "1.001022", "1.004837", "1.004884")
    planned = {step.kind for code in (*procedures, "2.000635") for step in _plan(code).steps}
    assert planned == ours


@pytest.fixture
def counter_kinds() -> set[str]:
    return set(CivilDesk(FixedClock(NOW), Layout()).desk.handlers)


def _plan(code: str) -> Any:
    plan = plan_of(code)
    assert plan is not None and plan.result is not None
    return plan
