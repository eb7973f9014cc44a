"""The desk of the residence system: each kind's happy way, what it refuses, what it asks for, and repeats."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts.population import LifeStatus
from contracts.tasks import Answer, AnswerKind, task_kind
from services.bus.kit.store import Store
from services.population.commands import households
from services.population.queries import citizens as queries
from services.population.queries import households as household_queries
from services.population.tasks.forms import end_of
from tests.services.population.acts import (
    FATHER,
    MOTHER,
    answers,
    assigned,
    birth,
    death,
    heard,
    person,
    resumed,
    task,
    worked,
)
from tests.services.population.people import (
    AN,
    BINH,
    CHI,
    ELSEWHERE_NOW,
    NEW_COMMUNE,
    NOBODY,
    NOW,
    TODAY,
    an,
    binh,
    chi,
    events,
    home,
    household,
    registered,
)

pytestmark = pytest.mark.anyio

NEW_HOME = home(unit_code=NEW_COMMUNE, valid_from="2025-08-01")
SPLIT_COMMUNE = "21634"  # in Hoài Nhơn until 2025-06-30; its land went to two


async def family_home(store: Store) -> str:
    """The three in one household, all at home in a commune of today; the household's id."""
    await registered(store, *(each(residences=[NEW_HOME]) for each in (an, binh, chi)))
    new = household(unit_code=NEW_COMMUNE, valid_from="2025-08-01")
    (made,) = await store.write(lambda tx: households.form(tx, [new], batch=False, now=NOW))
    return made.household_id


async def completed(store: Store, asked: Any) -> dict[str, Any]:
    """The results of a task that is done at once; they fit the schema of its kind."""
    (answer,) = await worked(store, asked)
    return results_of(answer, asked.kind)


def results_of(answer: Answer, kind: str) -> dict[str, Any]:
    assert answer.kind is AnswerKind.COMPLETED, answer
    Draft202012Validator(task_kind(kind).results).validate(answer.results)
    return answer.results


async def refused(store: Store, asked: Any) -> str:
    """The code of the refusal, which leaves nothing behind."""
    before = [event for event in await events(store) if not event.key.endswith("/answer")]
    (answer,) = await worked(store, asked)
    assert answer.kind is AnswerKind.REFUSED, answer
    assert answer.refusal is not None
    assert answer.refusal.vi != answer.refusal.en
    assert [event for event in await events(store) if not event.key.endswith("/answer")] == before
    return answer.refusal.code


# -- permanent residence -----------------------------------------------------------------------------------


async def test_a_family_moves_and_is_a_household_of_its_own(store: Store) -> None:
    old = await family_home(store)
    form = {
        "unit_code": ELSEWHERE_NOW,
        "detail": "Thôn 3",
        "members": [{"personal_id": BINH, "relation": "spouse"}, {"personal_id": CHI, "relation": "child"}],
    }
    results = await completed(store, task("register-permanent", form))
    assert (results["personal_id"], results["relation"], results["head_name"]) == (AN, "head", "Nguyễn Văn An")
    assert results["address"] == "Thôn 3, Xã Tuy Phước Đông, Tỉnh Gia Lai"
    assert [each["personal_id"] for each in results["others"]] == [BINH, CHI]
    for personal_id in (AN, BINH, CHI):
        shown = await person(store, personal_id)
        assert [(stay.unit_code, stay.valid_from) for stay in shown.residences] == [(ELSEWHERE_NOW, TODAY)]
        assert shown.household is not None and shown.household.household_id == results["household_id"]
    left = await store.read(lambda tx: household_queries.household(tx, old))
    assert left is not None and left.members == []


async def test_joining_a_household_needs_its_heads_consent(store: Store) -> None:
    await family_home(store)
    await registered(store, an(personal_id="052090000777", id_card=None))
    form = {
        "unit_code": NEW_COMMUNE,
        "household": "join",
        "head_personal_id": AN,
        "relation_to_head": "sibling",
    }
    asked = task("register-permanent", form, applicant="052090000777")
    (answer,) = await worked(store, asked)
    assert answer.kind is AnswerKind.NEEDS_SUPPLEMENT
    assert (await person(store, "052090000777")).residences == []
    (_, answer) = await resumed(store, asked.task_id, "Văn bản đồng ý")
    results = results_of(answer, asked.kind)
    assert (results["relation"], results["head_name"]) == ("sibling", "Nguyễn Văn An")
    agreed = task("register-permanent", {**form, "head_agrees": True}, applicant="052090000777")
    assert await refused(store, agreed) == "validation"  # it begins on the day of the one just registered


async def test_what_a_permanent_residence_is_refused_for(store: Store) -> None:
    await family_home(store)
    join = {"unit_code": NEW_COMMUNE, "household": "join"}
    for form, code in [
        ({"unit_code": "21961"}, "validation"),  # a code of before the reform
        ({"unit_code": "99999"}, "validation"),
        ({}, "validation"),
        ({"unit_code": NEW_COMMUNE, "household": "somewhere"}, "validation"),
        ({"unit_code": NEW_COMMUNE, "personal_id": NOBODY}, "not-found"),
        ({"unit_code": ELSEWHERE_NOW, "personal_id": CHI}, "conflict"),  # a minor as a head
        (join, "conflict"),
        ({**join, "head_personal_id": AN}, "conflict"),
        ({**join, "head_personal_id": BINH, "relation_to_head": "child"}, "not-found"),
        ({"unit_code": ELSEWHERE_NOW, "members": [{"personal_id": AN, "relation": "child"}]}, "conflict"),
        ({"unit_code": ELSEWHERE_NOW, "members": [{"personal_id": BINH, "relation": "head"}]}, "conflict"),
    ]:
        assert await refused(store, task("register-permanent", form)) == code, form
    await heard(store, death())
    assert await refused(store, task("register-permanent", {"unit_code": ELSEWHERE_NOW})) == "citizen-deceased"


async def test_a_task_that_comes_again_is_answered_once(store: Store) -> None:
    await family_home(store)
    asked = task("register-permanent", {"unit_code": ELSEWHERE_NOW})
    await completed(store, asked)
    assert len(await worked(store, asked)) == 1
    assert len(await worked(store, asked, version=2)) == 2  # asked anew: refused, for it is done
    assert [answer.kind for answer in await answers(store, asked.task_id)] == ["completed", "refused"]


# -- a newborn ---------------------------------------------------------------------------------------------


def newborn(number: str, **residence: Any) -> Any:
    """The residence step of an interlinked birth."""
    form = {
        "child_name": "Nguyễn Bình Minh",
        "mother": MOTHER,
        "father": FATHER,
        "residence": {"with": "mother", **residence},
    }
    return task("register-permanent", form, earlier={"birth": {"personal_id": number}}, procedure_code="2.002621")


async def test_a_newborn_lives_with_the_parent(store: Store) -> None:
    household_id = await family_home(store)
    await heard(store, birth())
    number = (await assigned(store))["birth-1"]
    results = await completed(store, newborn(number))
    assert (results["household_id"], results["relation"]) == (household_id, "child")
    child = await person(store, number)
    assert [(stay.unit_code, stay.detail) for stay in child.residences] == [(NEW_COMMUNE, "Thôn An Hòa")]
    assert child.household is not None and child.household.head_personal_id == AN


async def test_a_newborn_whose_parent_has_no_household(store: Store) -> None:
    await registered(store, binh(residences=[home()]))
    await heard(store, birth())
    number = (await assigned(store))["birth-1"]
    results = await completed(store, newborn(number))
    assert (results["household_id"], results["unit_code"]) == (None, NEW_COMMUNE)


async def test_a_parents_address_that_was_divided_leaves_a_choice(store: Store) -> None:
    await registered(store, binh(residences=[home(unit_code=SPLIT_COMMUNE)]))
    await heard(store, birth())
    number = (await assigned(store))["birth-1"]
    asked = newborn(number)
    (answer,) = await worked(store, asked)
    assert answer.supplement is not None
    assert "21622" in answer.supplement.content and "21628" in answer.supplement.content
    (*_, answer) = await resumed(store, asked.task_id, "Thôn cũ, xã 21961")
    assert answer.kind is AnswerKind.NEEDS_SUPPLEMENT
    (*_, answer) = await resumed(store, asked.task_id, "Nay là phường 21628.", version=3)
    assert results_of(answer, asked.kind)["unit_code"] == "21628"


async def test_a_newborn_with_a_code_stated_at_once(store: Store) -> None:
    await registered(store, binh(residences=[home(unit_code=SPLIT_COMMUNE)]))
    await heard(store, birth())
    number = (await assigned(store))["birth-1"]
    assert (await completed(store, newborn(number, unit_code="21622")))["unit_code"] == "21622"


async def test_what_a_newborns_residence_is_refused_for(store: Store) -> None:
    await registered(store, an())
    await heard(store, birth())
    number = (await assigned(store))["birth-1"]
    assert await refused(store, newborn(number)) == "not-found"  # the mother is not here
    father = task("register-permanent", {"father": FATHER, "residence": {"with": "father"}})
    asked = father.model_copy(update={"earlier": {"birth": {"personal_id": number}}})
    assert await refused(store, asked) == "parent-not-resident"
    unnamed = father.model_copy(update={"task_id": "t2", "earlier": {"birth": {}}})
    assert await refused(store, unnamed) == "no-personal-id"
    nobody = task(
        "register-permanent", {"residence": {"with": "mother"}}, earlier={"birth": {"personal_id": number}}
    )
    assert await refused(store, nobody) == "parent-unknown"
    bad = task("register-permanent", {"residence": "mother"}, earlier={"birth": {"personal_id": number}})
    assert await refused(store, bad) == "validation"


# -- temporary residence -----------------------------------------------------------------------------------


async def test_a_temporary_residence_and_its_renewal(store: Store) -> None:
    await family_home(store)
    form = {"unit_code": ELSEWHERE_NOW, "detail": "Nhà trọ", "months": 6, "members": [BINH]}
    results = await completed(store, task("register-temporary", form))
    assert (results["kind"], results["valid_to"]) == ("temporary", "2027-05-22")
    assert [each["personal_id"] for each in results["others"]] == [BINH]
    renewed = await completed(store, task("renew-temporary", {"months": 24}))
    assert (renewed["residence_id"], renewed["valid_to"]) == (results["residence_id"], "2029-05-22")
    assert (
        await refused(store, task("renew-temporary", {"personal_id": CHI, "months": 1}))
        == "no-temporary-residence"
    )
    assert await refused(store, task("renew-temporary", {})) == "validation"
    assert await refused(store, task("renew-temporary", {"valid_to": "2029-05-22"})) == "validation"
    again = task("register-temporary", {"unit_code": "21952", "months": 1})
    assert await refused(store, again) == "overlapping-period"
    for unfit in ({"months": 25}, {"valid_to": "2029-01-01"}, {}, {"valid_to": "2026-11-22"}):
        asked = task("register-temporary", {"unit_code": ELSEWHERE_NOW, "personal_id": CHI, **unfit})
        assert await refused(store, asked) == "validation"
    at_home = task("register-temporary", {"unit_code": NEW_COMMUNE, "personal_id": CHI, "months": 6})
    assert await refused(store, at_home) == "validation"
    twice = task(
        "register-temporary", {"unit_code": ELSEWHERE_NOW, "personal_id": CHI, "months": 6, "members": [CHI]}
    )
    assert await refused(store, twice) == "conflict"


@pytest.mark.parametrize(
    ("since", "months", "until"),
    [
        ("2026-11-22", 1, "2026-12-22"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-12-31", 24, "2028-12-31"),
        ("2028-02-29", 12, "2029-02-28"),
    ],
)
def test_months_end_on_the_same_day_or_the_last_there_is(since: str, months: int, until: str) -> None:
    assert str(end_of(date.fromisoformat(since), None, months)) == until


# -- deregistration ----------------------------------------------------------------------------------------


async def test_a_deregistration_for_a_reason_of_its_own(store: Store) -> None:
    household_id = await family_home(store)
    form = {"reason": "emigrated", "note": "Định cư ở nước ngoài", "on": "2026-11-01"}
    results = await completed(store, task("deregister", form))
    assert [(each["kind"], each["valid_to"]) for each in results["ended"]] == [("permanent", "2026-11-01")]
    shown = await store.read(lambda tx: household_queries.household(tx, household_id))
    assert shown is not None and shown.head_personal_id == BINH
    assert await refused(store, task("deregister", form)) == "not-registered"
    assert await refused(store, task("deregister", {"reason": "death", "personal_id": BINH})) == "validation"
    assert await refused(store, task("deregister", {"reason": "bored", "personal_id": BINH})) == "validation"
    assert await refused(store, task("deregister", {"reason": "other", "personal_id": NOBODY})) == "not-found"
    late = {"reason": "other", "personal_id": BINH, "on": "2026-12-01"}
    assert await refused(store, task("deregister", late)) == "validation"


def after_death(**told: Any) -> Any:
    """The deregistration step of an interlinked death."""
    results = {"personal_id": AN, "died_on": "2026-11-19", **told}
    form = {"deceased": {"full_name": "Nguyễn Văn An", "personal_id": AN}}
    return task("deregister", form, applicant=BINH, earlier={"death": results}, procedure_code="2.002622")


@pytest.mark.parametrize("task_first", [True, False])
async def test_a_death_and_its_deregistration_in_either_order(store: Store, task_first: bool) -> None:
    household_id = await family_home(store)
    if not task_first:
        await heard(store, death())
    results = await completed(store, after_death())
    assert results["reason"] == "death"
    assert [(each["kind"], each["valid_to"]) for each in results["ended"]] == [("permanent", "2026-11-20")]
    if task_first:
        await heard(store, death())
    his = await person(store, AN)
    assert (his.status, his.residences, his.household) == (LifeStatus.DECEASED, [], None)
    ended = [event for event in await events(store) if event.type.endswith("residence-deregistered.v1")]
    assert len(ended) == 1
    shown = await store.read(lambda tx: household_queries.household(tx, household_id))
    assert shown is not None
    assert (shown.head_personal_id, [each.personal_id for each in shown.members]) == (BINH, [BINH, CHI])
    alone = task("deregister", {"reason": "death", "personal_id": AN}, applicant=BINH)
    assert (await completed(store, alone))["ended"] == results["ended"]


async def test_what_a_deregistration_after_a_death_is_refused_for(store: Store) -> None:
    await registered(store, an())
    assert await refused(store, after_death(personal_id=None)) == "no-personal-id"
    assert await refused(store, after_death(personal_id=NOBODY)) == "not-found"
    assert await refused(store, after_death()) == "not-registered"
    await heard(store, death())
    assert await refused(store, after_death()) == "not-registered"


async def test_a_death_whose_day_cannot_be_read_ends_the_residence_after_today(store: Store) -> None:
    await registered(store, an(residences=[NEW_HOME]))
    results = await completed(store, after_death(died_on="someday"))
    assert results["ended"][0]["valid_to"] == "2026-11-23"


# -- households and absences -------------------------------------------------------------------------------


async def test_a_household_splits(store: Store) -> None:
    old = await family_home(store)
    members = [{"personal_id": BINH, "relation": "head"}, {"personal_id": CHI, "relation": "child"}]
    asked = task("split-household", {"members": members}, applicant=BINH)
    (answer,) = await worked(store, asked)
    assert answer.kind is AnswerKind.NEEDS_SUPPLEMENT
    (_, answer) = await resumed(store, asked.task_id, "Đồng ý")
    results = results_of(answer, asked.kind)
    assert (results["split_from"], results["head_personal_id"]) == (old, BINH)
    assert results["unit_code"] == NEW_COMMUNE
    new_id = results["household_id"]
    new = await store.read(lambda tx: household_queries.household(tx, new_id))
    assert new is not None
    assert ([each.personal_id for each in new.members], new.detail) == ([BINH, CHI], "Thôn An Hòa")
    assert await refused(store, task("split-household", {"members": members})) == "conflict"
    assert await refused(store, task("split-household", {"members": []})) == "validation"


async def test_a_split_without_a_household(store: Store) -> None:
    await registered(store, an())
    members = [{"personal_id": AN, "relation": "head"}]
    assert await refused(store, task("split-household", {"members": members})) == "no-household"


async def test_an_absence(store: Store) -> None:
    await family_home(store)
    form = {"reason": "long_absence", "valid_from": "2026-12-01", "valid_to": "2027-12-01", "unit_code": "79"}
    results = await completed(store, task("declare-absence", form))
    (shown,) = await store.read(lambda tx: queries.absences(tx, AN))
    assert (shown.id, shown.unit_name) == (results["absence_id"], "Thành phố Hồ Chí Minh")
    assert await refused(store, task("declare-absence", form)) == "overlapping-period"
    for unfit in ({"reason": "holiday"}, {"valid_to": "2026-11-30"}, {"valid_from": 20261201}, {"unit_code": "1"}):
        assert await refused(store, task("declare-absence", {**form, **unfit})) == "validation"
    await registered(store, an(personal_id="052090000777", id_card=None))
    assert await refused(store, task("declare-absence", {**form, "personal_id": "052090000777"})) == "conflict"


async def test_a_kind_nobody_knows(store: Store) -> None:
    assert await refused(store, task("dance", {})) == "unknown-kind"
