"""Each kind of task, the happy way and its own refusals; and that results are what their schemas say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contracts.catalogue.form_schemas import ANY_FORM, form_schema
from contracts.catalogue.loader import procedure
from contracts.catalogue.plans import plan_of
from contracts.events.task import TaskRequested
from contracts.tasks import Answer, AnswerKind, task_kind
from gateway.ministries.kinds import WORKS, kinds_of, outcome
from gateway.ministries.kinds.corrections import corrected
from gateway.ministries.kinds.insurance import card_end
from gateway.ministries.kinds.matter import Matter, faults
from gateway.ministries.kinds.tax import taxes_on
from gateway.ministries.kinds.welfare import next_month, standards
from gateway.ministries.settings import PLAYED
from tests.gateway.ministries.office import CHILD, FORMS, NOW, TRANSFER, requested


def matter(kind: str, form: dict[str, Any] | None = None, earlier: Any = None, **more: Any) -> Matter:
    of_kind = FORMS[kind]
    event = requested(
        more.pop("task_id", "t-1"),
        kind,
        form=of_kind[0] if form is None else form,
        earlier=of_kind[1] if earlier is None else earlier,
    )
    return Matter(event.data_as(TaskRequested), more.pop("now", NOW), more.pop("seed", 7), **more)


def code(answer: Answer) -> str:
    assert answer.refusal is not None
    return answer.refusal.code


def test_every_system_that_can_be_played_has_kinds_with_schemas() -> None:
    assert {kind for system in PLAYED for kind in kinds_of(system)} == set(WORKS)
    assert all(kinds_of(system) for system in PLAYED)


@pytest.mark.parametrize("kind", WORKS)
def test_the_happy_way_gives_results_that_follow_their_schema(kind: str) -> None:
    answer = outcome(matter(kind))
    assert answer.kind is AnswerKind.COMPLETED
    assert faults(kind, "results", answer.results) == []


@pytest.mark.parametrize("kind", WORKS)
def test_the_same_task_and_seed_give_the_same_results(kind: str) -> None:
    assert outcome(matter(kind)) == outcome(matter(kind))


@pytest.mark.parametrize("kind", ["insurance.issue-card", "welfare.funeral-allowance", "health.certify-birth"])
def test_another_task_or_seed_gives_other_numbers(kind: str) -> None:
    first = outcome(matter(kind)).results
    assert outcome(matter(kind, task_id="t-2")).results != first
    assert outcome(matter(kind, seed=8)).results != first


@pytest.mark.parametrize("kind", WORKS)
def test_a_corrected_result_is_another_one_that_follows_the_schema(kind: str) -> None:
    results = outcome(matter(kind)).results
    changed = corrected(kind, results)
    assert changed != results
    assert faults(kind, "results", changed) == []


@pytest.mark.parametrize("kind", WORKS)
def test_data_that_do_not_follow_the_schema_are_refused_by_name(kind: str) -> None:
    required = task_kind(kind).input["properties"]["form"].get("required", [])
    if required:
        answer = outcome(matter(kind, form={}))
        assert code(answer) == "input-unfit"
        assert answer.refusal is not None
        assert "form" in answer.refusal.en
    elif "earlier" in task_kind(kind).input["required"]:
        assert code(outcome(matter(kind, earlier={"check": {}}))) == "input-unfit"


# -- tax ---------------------------------------------------------------------------------------------------


def test_a_transfer_owes_two_percent_and_half_a_percent() -> None:
    assert [(t.code, t.amount_vnd) for t in taxes_on("transfer", 1_000_000_000)] == [
        ("personal-income-tax", 20_000_000),
        ("registration-fee", 5_000_000),
    ]


@pytest.mark.parametrize(
    ("kind", "value", "total"),
    [
        ("transfer", 0, 0),
        ("transfer", 199, 3),  # whole đồng, rounded down: 2 % is 3, 0.5 % is 0
        ("transfer", 10**12, 20 * 10**9 + 500_000_000),  # the registration fee is capped
        ("gift", 10_000_000, 50_000),  # what is free of income tax still owes the fee
        ("gift", 110_000_000, 10_000_000 + 550_000),
        ("lease", 10**9, 0),
    ],
)
def test_what_a_change_owes(kind: str, value: int, total: int) -> None:
    assert sum(tax.amount_vnd for tax in taxes_on(kind, value)) == total


def test_tax_is_asked_for_then_receipted_once_paid() -> None:
    asked = outcome(matter("tax.assess", earlier=TRANSFER))
    assert asked.kind is AnswerKind.NEEDS_PAYMENT
    assert [(p.code, p.amount_vnd) for p in asked.payments] == [
        ("personal-income-tax", 20_000_000),
        ("registration-fee", 5_000_000),
    ]
    assert len({p.notice for p in asked.payments}) == 1
    done = outcome(matter("tax.assess", earlier=TRANSFER, paid_vnd=25_000_000))
    assert done.results["amount_vnd"] == 25_000_000
    assert done.results["notice"] == asked.payments[0].notice
    assert [each["amount_vnd"] for each in done.results["receipts"]] == [20_000_000, 5_000_000]
    assert done.results["exempt"] is False


def test_what_is_paid_in_part_leaves_the_rest_to_pay() -> None:
    asked = outcome(matter("tax.assess", earlier=TRANSFER, paid_vnd=21_000_000))
    assert [(p.code, p.amount_vnd) for p in asked.payments] == [("registration-fee", 4_000_000)]


@pytest.mark.parametrize("kind", ["gift", "inheritance"])
@pytest.mark.parametrize("relation", ["spouse", "parent", "child", "sibling", "grandchild"])
def test_close_relatives_are_exempt_at_once(kind: str, relation: str) -> None:
    taxable = {"kind": kind, "value_vnd": 10**9, "relation": relation}
    results = outcome(matter("tax.assess", earlier={"check": {"taxable": taxable}})).results
    assert (results["exempt"], results["amount_vnd"], results["receipts"]) == (True, 0, [])
    assert results["exempted_vnd"] > 0
    assert results["reason"]


@pytest.mark.parametrize(
    "taxable", [{"kind": "gift", "relation": "friend"}, {"kind": "transfer", "relation": "child"}]
)
def test_nobody_else_is_exempt(taxable: dict[str, Any]) -> None:
    earlier = {"check": {"taxable": {**taxable, "value_vnd": 10**9}}}
    assert outcome(matter("tax.assess", earlier=earlier)).kind is AnswerKind.NEEDS_PAYMENT


# -- insurance ---------------------------------------------------------------------------------------------


def test_a_childs_card_has_fifteen_characters() -> None:
    results = outcome(matter("insurance.issue-card")).results
    assert len(results["card_number"]) == 15
    assert results["card_number"].startswith("TE15252")
    assert (results["valid_from"], results["valid_to"]) == ("2023-06-18", "2029-09-30")


@pytest.mark.parametrize(
    ("born", "end"),
    [
        (date(2020, 3, 1), date(2026, 9, 30)),
        (date(2020, 9, 30), date(2026, 9, 30)),
        (date(2020, 11, 2), date(2026, 11, 30)),
        (date(2020, 2, 29), date(2026, 9, 30)),
        (date(2020, 12, 31), date(2026, 12, 31)),
    ],
)
def test_when_a_childs_card_ends(born: date, end: date) -> None:
    assert card_end(born) == end


@pytest.mark.parametrize(
    ("born", "why"),
    [
        ("2017-06-20T00:00:00+07:00", "not-under-six"),
        ("2023-06-21T00:00:00+07:00", "birth-date-unfit"),
        ("some day", "birth-date-unfit"),
    ],
)
def test_a_card_is_refused(born: str, why: str) -> None:
    assert code(outcome(matter("insurance.issue-card", form={**CHILD, "child_born_at": born}))) == why


def test_a_card_waits_for_the_personal_id() -> None:
    assert code(outcome(matter("insurance.issue-card", earlier={"birth": {}}))) == "input-unfit"


def test_the_facility_asked_for_is_the_facility_of_the_card() -> None:
    results = outcome(matter("insurance.issue-card", form={**CHILD, "insurance_facility": "52013"})).results
    assert results["facility"]["code"] == "52013"


# -- the others --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "standard"), [("2020-01-01", 360_000), ("2024-06-30", 360_000), ("2024-07-01", 500_000)]
)
def test_the_standard_of_the_day(on: str, standard: int) -> None:
    assert standards(date.fromisoformat(on))["social_vnd"] == standard


def test_months_follow_each_other() -> None:
    assert [next_month(m) for m in ("2023-01", "2023-11", "2023-12")] == ["2023-02", "2023-12", "2024-01"]


def test_the_funeral_allowance_and_a_death_in_the_future() -> None:
    results = outcome(matter("welfare.funeral-allowance")).results
    assert (results["amount_vnd"], results["payment"]) == (7_200_000, "cash")
    form = {"died_at": "2023-06-22T00:00:00+07:00"}
    assert code(outcome(matter("welfare.funeral-allowance", form=form))) == "death-in-future"


def test_a_monthly_allowance_is_granted_to_its_account_or_refused_by_age() -> None:
    results = outcome(matter("welfare.monthly-allowance")).results
    assert (results["monthly_vnd"], results["from_month"], results["payment"]) == (360_000, "2023-07", "account")
    form = FORMS["welfare.monthly-allowance"][0]
    young = {**form, "beneficiary": {**form["beneficiary"], "date_of_birth": "1960-01-01"}}
    assert code(outcome(matter("welfare.monthly-allowance", form=young))) == "age-unfit"
    stopped = outcome(matter("welfare.monthly-allowance", form={**young, "request": "stop"}))
    assert stopped.results["monthly_vnd"] == 0
    unknown = {**form, "group": "everybody"}
    assert code(outcome(matter("welfare.monthly-allowance", form=unknown))) == "group-unknown"


@pytest.mark.parametrize(
    ("tax_code", "why"), [("4100271820", "tax-code-wrong"), ("0100233488-009", "tax-code-unknown")]
)
def test_a_tax_code_that_is_not_there(tax_code: str, why: str) -> None:
    assert code(outcome(matter("business.look-up-tax-code", form={"tax_code": tax_code}))) == why


def test_a_birth_in_the_future_is_not_certified() -> None:
    form = {**FORMS["health.certify-birth"][0], "child_born_at": "2023-06-21T00:00:00"}
    assert code(outcome(matter("health.certify-birth", form=form))) == "birth-time-unfit"


@pytest.mark.parametrize("procedure_code", ["1.001731", "1.001776", "2.000488"])
def test_each_procedure_of_ours_has_a_form_and_a_plan_whose_task_takes_that_form(procedure_code: str) -> None:
    plan = plan_of(procedure_code)
    assert plan is not None
    assert procedure(procedure_code).code == procedure_code
    (step,) = plan.steps
    assert task_kind(step.kind).system is step.system
    schema = form_schema(procedure_code)
    assert schema is not ANY_FORM
    form, _ = FORMS[step.kind]
    wanted = set(task_kind(step.kind).input["properties"]["form"].get("required", ()))
    assert wanted <= set(schema["required"])
    assert set(form) <= set(schema["properties"])
