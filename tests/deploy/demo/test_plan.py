"""The plan: the shares of the report, courses the law of statuses allows, and the same from the same seed."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue.procedure_rules import rules_of
from contracts.catalogue.procedures import procedure
from contracts.identifiers import parse_personal_id
from contracts.status import Action, DossierStatus, is_legal_history, next_statuses
from deploy.demo.applicants import Applicants
from deploy.demo.courses import BEFORE_RECEPTION, FROM_RECEIVED, NOTES, RESULT_PDF
from deploy.demo.figures import CITIZENS, DEFAULT_DOSSIERS, SEED, Selection, share
from deploy.demo.plan import Planned, plan
from services.dossier import schemas
from services.dossier.commands.intake import check_new
from services.dossier.media_types import check_content
from services.population.generator import generate, households


@pytest.fixture(scope="module")
def half_year() -> list[Planned]:
    return list(plan(DEFAULT_DOSSIERS))


def test_one_in_a_hundred_of_the_half_year_with_its_shares(half_year: list[Planned]) -> None:
    assert len(half_year) == 2_183
    verified = [each for each in half_year if each.stated == "matched"]
    assert len(verified) == 1_272  # 58.26 %
    channels = Counter(each.intake["channel"] for each in verified)
    channels.update(each.intake["channel"] for each in verified if each.second_look)
    assert channels.total() == 1_273  # 94,510 + 32,791 checks of 127,152 dossiers, at 1 : 100
    assert channels["online"] == 328
    assert Counter(each.stated for each in half_year) == {"matched": 1_272, "mismatched": 273, "not_found": 638}
    assert set(channels) == {"direct", "online"}


def test_every_course_is_legal_and_ends_as_it_says(half_year: list[Planned]) -> None:
    for each in half_year:
        assert is_legal_history(each.statuses), each


def test_all_statuses_and_all_ways_occur(half_year: list[Planned]) -> None:
    assert {each.statuses[-1] for each in half_year} == set(DossierStatus)
    actions = {step.body["action"] for each in half_year for step in each.steps if step.kind == "act"}
    assert actions == {action.value for action in Action}


@pytest.mark.parametrize("course", [*FROM_RECEIVED, *BEFORE_RECEPTION])
def test_every_course_of_the_tables_is_legal(course: tuple[tuple[Action, DossierStatus], ...]) -> None:
    status = DossierStatus.SUBMITTED if course in BEFORE_RECEPTION else DossierStatus.RECEIVED
    if course in FROM_RECEIVED:
        status = DossierStatus.RECEIVED
    for action, target in course:
        assert target in next_statuses(status)
        assert NOTES[action]
        status = target


PARCEL = {"parcel_key": "21964-1-1", "certificate_serial": "AA 12345678"}
"""What the land registry fills in once the parcel of a case is there."""


def test_the_service_would_take_every_dossier(half_year: list[Planned]) -> None:
    for each in half_year:
        form = {**each.intake["form"], **(PARCEL if each.case is not None and each.case.before else {})}
        check_new(schemas.NewDossier.model_validate({**each.intake, "form": form}))
        for step in each.steps:
            if step.kind == "act":
                schemas.ActionRequest.model_validate(step.body)


def test_fees_are_paid_and_results_attached_before_they_are_needed(half_year: list[Planned]) -> None:
    paid_up_front = 0
    for each in half_year:
        code = each.intake["procedure_code"]
        rules, fee = rules_of(code), procedure(code).fee_vnd
        paid = attached = asked = False
        status = each.statuses[0]
        for step in each.steps:
            paid = paid or step.kind == "pay" or step.body.get("action") == "confirm_payment"
            attached = attached or step.kind == "attach"
            asked = asked or step.body.get("action") == "request_payment"
            if step.leads_to is DossierStatus.RECEIVED and status is DossierStatus.SUBMITTED:
                needed = bool(fee) and rules.fee_due == "upfront"
                assert paid or not needed, each
                paid_up_front += needed
            if step.leads_to is DossierStatus.RESULT_RETURNED and status is DossierStatus.COMPLETED:
                assert paid or not (fee or asked), each
                assert attached or not rules.result_required, each
            status = step.leads_to or status
    assert paid_up_front


def test_the_result_is_a_pdf() -> None:
    check_content(RESULT_PDF, "application/pdf")


def test_the_same_seed_gives_the_same_and_another_another() -> None:
    assert list(plan(50, 1)) == list(plan(50, 1))
    assert list(plan(50, 1)) != list(plan(50, 2))


def test_it_is_streamed() -> None:
    """The whole half year is planned as it is asked for: its first dossiers come at once."""
    assert len(list(islice(plan(218_262), 10))) == 10


def test_applicants_are_what_population_will_say_of_them() -> None:
    loaded = {each.personal_id: each for home in households(SEED, CITIZENS) for each in home.citizens}
    assert loaded == {each.personal_id: each for each in generate(SEED, CITIZENS)}
    applicants = Applicants.of_the_province(Random(5))
    for _ in range(300):
        who = applicants.draw("matched")
        record = loaded[who["personal_id"]]
        assert (who["full_name"], who["date_of_birth"]) == (record.full_name, str(record.date_of_birth))
        other = applicants.draw("mismatched")
        record = loaded[other["personal_id"]]
        assert (other["full_name"], other["date_of_birth"]) != (record.full_name, str(record.date_of_birth))
        stranger = applicants.draw("not_found")
        assert stranger["personal_id"] not in loaded
        parse_personal_id(stranger["personal_id"])


@given(total=st.integers(0, 300), part=st.integers(0, 300), seed=st.integers(0, 9))
def test_a_selection_chooses_exactly_as_many_as_wanted(total: int, part: int, seed: int) -> None:
    selection = Selection(Random(seed), total, part)
    assert sum(selection.next() for _ in range(total)) == min(part, total)
    assert not selection.next()


def test_a_selection_is_spread_over_all_of_it() -> None:
    selection = Selection(Random(1), 1_000, 500)
    assert 200 < sum(selection.next() for _ in range(500)) < 300


def test_shares_are_rounded_to_the_nearest() -> None:
    assert [share(10, 1, 4), share(2, 1, 4), share(1, 1, 4)] == [3, 1, 0]
