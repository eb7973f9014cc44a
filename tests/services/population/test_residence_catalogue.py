"""The forms, plans and kinds of tasks of residence: valid, and in step with the civil registry's own forms."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from contracts.catalogue.form_schemas import form_schema
from contracts.catalogue.plans import plan_of
from contracts.catalogue.procedures import procedure
from contracts.tasks import System, task_kind, task_kinds
from services.bus.kit.clock import SystemClock
from services.bus.kit.deadlines import Duration
from services.population.models import Task
from services.population.tasks import desk
from tests.services.population.people import AN, BINH, CHI, NEW_COMMUNE

OWN = ("1.004222", "1.004194", "1.002755", "1.003197", "1.010038", "1.003677", "2.002621", "2.002622")
BIRTH = {
    "child_name": "Nguyễn Bình Minh",
    "child_sex": "male",
    "child_born_at": "2026-11-20T08:00:00+07:00",
    "place_of_birth": "Trạm y tế",
    "mother": {"full_name": "Trần Thị Bình", "personal_id": BINH},
}
DEATH = {
    "deceased": {"full_name": "Nguyễn Văn An", "sex": "male", "date_of_birth": "1990", "personal_id": AN},
    "died_at": "2026-11-19T08:00:00+07:00",
    "place_of_death": "Nhà riêng",
}


def takes(code: str, form: dict[str, Any]) -> bool:
    return not list(Draft202012Validator(form_schema(code), format_checker=FormatChecker()).iter_errors(form))


@pytest.mark.parametrize("code", OWN)
def test_each_procedure_has_its_form_and_its_plan(code: str) -> None:
    Draft202012Validator.check_schema(form_schema(code))
    plan = plan_of(code)
    assert plan is not None
    assert procedure(code).code == code
    for step in plan.steps:
        assert task_kind(step.kind).system is step.system
        Duration.parse(step.limit)


def test_the_desk_answers_every_kind_of_its_system() -> None:
    kinds = {each.kind for each in task_kinds() if each.system is System.RESIDENCE}
    assert set(desk(SystemClock()).handlers) == kinds
    assert desk(SystemClock()).table is Task
    assert desk(SystemClock()).subjects == ("axis.task.residence.>",)


@pytest.mark.parametrize(("group", "civil"), [("2.002621", "1.001193"), ("2.002622", "1.000656")])
def test_an_interlinked_form_holds_the_civil_form_it_begins_with(group: str, civil: str) -> None:
    whole, part = form_schema(group), form_schema(civil)
    assert whole["$defs"] == part["$defs"]
    assert set(part["required"]) <= set(whole["required"])
    assert {name: whole["properties"].get(name) for name in part["properties"]} == part["properties"]


def test_the_interlinked_plans_go_the_way_of_the_law() -> None:
    birth, death = plan_of("2.002621"), plan_of("2.002622")
    assert birth is not None and death is not None
    assert [(step.id, step.after, step.on_refusal) for step in birth.steps] == [
        ("birth", (), "stop"),
        ("residence", ("birth",), "partly"),
        ("insurance", ("birth",), "partly"),
    ]
    taken = {
        count: [step.id for step in death.steps if step.when is None or step.when.holds({"procedures": count})]
        for count in (2, 3, 4)
    }
    assert taken == {
        2: ["death", "deregistration"],
        3: ["death", "deregistration", "allowance"],
        4: ["death", "deregistration", "allowance", "survivor"],
    }


def test_forms_take_what_they_should() -> None:
    joining = {"unit_code": NEW_COMMUNE, "household": "join"}
    member = {"personal_id": CHI, "relation": "child"}
    for code, form in [
        ("1.004222", {"unit_code": NEW_COMMUNE, "members": [member]}),
        ("1.004222", {**joining, "head_personal_id": AN, "relation_to_head": "spouse", "head_agrees": True}),
        ("1.004194", {"unit_code": NEW_COMMUNE, "months": 12}),
        ("1.002755", {"valid_to": "2027-01-01"}),
        ("1.003197", {"reason": "emigrated"}),
        ("1.010038", {"members": [{"personal_id": BINH, "relation": "head"}, member]}),
        ("1.003677", {"reason": "other", "valid_from": "2026-12-01"}),
        ("2.002621", {**BIRTH, "residence": {"with": "mother"}}),
        ("2.002622", DEATH),
        ("2.002622", {**DEATH, "procedures": 4}),
    ]:
        assert takes(code, form), (code, form)
    for code, form in [
        ("1.004222", {}),
        ("1.004222", joining),
        ("1.004194", {"unit_code": NEW_COMMUNE}),
        ("1.004194", {"unit_code": NEW_COMMUNE, "months": 12, "valid_to": "2027-01-01"}),
        ("1.002755", {}),
        ("1.003197", {"reason": "moved"}),
        ("1.010038", {"members": [member]}),
        ("1.003677", {"reason": "other", "valid_from": "01/12/2026"}),
        ("2.002621", BIRTH),
        ("2.002621", {**BIRTH, "residence": {"with": "father"}}),
        ("2.002621", {**BIRTH, "mother": {"full_name": "Trần Thị Bình"}, "residence": {"with": "mother"}}),
        ("2.002622", {**DEATH, "procedures": 5}),
    ]:
        assert not takes(code, form), (code, form)
