"""Checks: right for one and for a thousand, silent about what differs, and always in the log."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import create_engine

from contracts.events.population import IdentityChecksRecorded
from contracts.population import HouseholdConfirmation, IdCardCheck, IdentityCheck
from services.bus.kit.store import Store
from services.bus.kit.tables import KitBase
from services.bus.kit.tx import Tx
from services.population.commands import checks, households, registration
from services.population.models import metadata
from tests.services.population.people import (
    AN,
    BINH,
    CHI,
    NOBODY,
    NOW,
    an,
    binh,
    check,
    chi,
    citizens,
    events,
    household,
    logged,
    registered,
)

pytestmark = pytest.mark.anyio

DIFFERENT: dict[str, Any] = {
    "full_name": "Nguyễn Văn Ân",
    "date_of_birth": "1990-04-29",
    "id_card": "211234568",
}


async def identities(store: Store, *bodies: dict[str, Any]) -> list[str]:
    asked = [IdentityCheck.model_validate(body) for body in bodies]
    answer = await store.write(lambda tx: checks.check_identities(tx, asked, client_id="one-stop", now=NOW))
    assert [each.request_id for each in answer.results] == [each.request_id for each in asked]
    return [each.outcome.value for each in answer.results]


async def test_identities_are_answered_in_the_order_asked(store: Store) -> None:
    await registered(store, an(), binh(date_of_birth="1991"))
    by_card = {"personal_id": None, "id_card": "211234567"}
    assert await identities(
        store,
        check(),
        check(request_id="R2", personal_id=NOBODY),
        check(request_id="R3", full_name="  nguyễn văn  AN "),
        check(request_id="R4", full_name="Nguyễn Văn Ản"),
        check(request_id="R5", date_of_birth="1990"),
        check(request_id="R6", date_of_birth="1991"),
        check(request_id="R7", **by_card),
        check(request_id="R8", **{**by_card, "id_card": "219999999"}),
        check(request_id="R9", id_card="211234567"),
        check(request_id="R10", id_card="219999999"),
        check(request_id="R11", personal_id=BINH, full_name="Trần Thị Bình", date_of_birth="1991"),
        check(request_id="R12", personal_id=BINH, full_name="Trần Thị Bình", date_of_birth="1991-09-02"),
        check(request_id="R13"),
    ) == [
        "matched",
        "not_found",
        "matched",
        "mismatched",
        "matched",
        "mismatched",
        "matched",
        "not_found",
        "matched",
        "mismatched",
        "matched",
        "mismatched",
        "matched",
    ]


async def test_every_check_is_logged_whatever_its_outcome(store: Store) -> None:
    await registered(store, an())
    await identities(store, check(), check(request_id="R2", personal_id=NOBODY, agency="000.00.21.H08"))
    first, second = await logged(store)
    assert (first.kind, first.outcome, first.personal_id) == ("identity_check", "matched", AN)
    assert (first.client_id, first.agency, first.channel) == ("one-stop", "H08.21", "direct")
    assert (first.procedure_code, first.dossier) == ("1.001193", "H08.21-230617-0001")
    assert (first.at, first.request_id) == (NOW, "R1")
    assert (second.outcome, second.personal_id, second.agency) == ("not_found", NOBODY, "H08.21")


async def test_more_than_a_chunk_at_once(store: Store) -> None:
    people = [an(personal_id=f"052090{serial:06d}", id_card=None) for serial in range(700)]
    await registered(store, *people)
    asked = [check(request_id=f"R{n}", personal_id=f"052090{n:06d}") for n in range(1_000)]
    answers = await identities(store, *asked)
    assert answers == ["matched"] * 700 + ["not_found"] * 300
    assert len(await logged(store)) == 1_000


async def test_an_identity_check_needs_a_number() -> None:
    with pytest.raises(ValidationError) as refused:
        IdentityCheck.model_validate(check(personal_id=None))
    (error,) = refused.value.errors()
    assert (error["loc"], error["type"]) == (("personal_id",), "missing")


async def test_old_card_and_new_number(store: Store) -> None:
    await registered(store, an(), binh())
    body = {key: value for key, value in check().items() if key not in ("full_name", "date_of_birth")}
    asked = [
        IdCardCheck.model_validate({**body, **change})
        for change in (
            {"id_card": "211234567"},
            {"id_card": "211234568"},
            {"personal_id": BINH, "id_card": "211234567"},
            {"personal_id": NOBODY, "id_card": "211234567"},
        )
    ]
    answer = await store.write(lambda tx: checks.check_id_cards(tx, asked, client_id="one-stop", now=NOW))
    assert [each.outcome.value for each in answer.results] == [
        "matched",
        "mismatched",
        "mismatched",
        "not_found",
    ]
    first, *_ = await logged(store)
    assert (first.kind, first.id_card) == ("id_card_check", "211234567")


async def test_belonging_to_a_household(store: Store) -> None:
    await registered(store, an(), binh(), chi())
    new = household(members=[{"personal_id": AN, "relation": "head"}, {"personal_id": BINH, "relation": "spouse"}])
    (made,) = await store.write(lambda tx: households.form(tx, [new], batch=False, now=NOW))
    hers = check(personal_id=BINH, full_name="Trần Thị Bình", date_of_birth="1991-09-02")
    cases: list[tuple[dict[str, Any], str, str | None]] = [
        ({"household_id": made.household_id}, "matched", "spouse"),
        ({"head_personal_id": AN}, "matched", "spouse"),
        (
            {"head_personal_id": AN, "household_id": made.household_id, "relation": "spouse"},
            "matched",
            "spouse",
        ),
        ({"head_personal_id": AN, "relation": "child"}, "mismatched", None),
        ({"head_personal_id": AN, "full_name": "Trần Thị Binh"}, "mismatched", None),
        ({"head_personal_id": BINH, "household_id": made.household_id}, "not_found", None),
        ({"head_personal_id": BINH}, "not_found", None),
        ({"household_id": "no-such"}, "not_found", None),
        ({"head_personal_id": AN, "personal_id": NOBODY}, "not_found", None),
        (
            {
                "head_personal_id": AN,
                "personal_id": CHI,
                "full_name": "Nguyễn Ngọc Chi",
                "date_of_birth": "2015",
            },
            "mismatched",
            None,
        ),
    ]
    asked = [HouseholdConfirmation.model_validate({**hers, **changes}) for changes, _, _ in cases]
    answer = await store.write(lambda tx: checks.confirm_households(tx, asked, client_id="one-stop", now=NOW))
    assert [(each.outcome.value, each.relation_to_head) for each in answer.results] == [
        (outcome, relation) for _, outcome, relation in cases
    ]
    lines = await logged(store)
    assert len(lines) == len(cases)
    assert (lines[0].kind, lines[0].household_id) == ("household_confirmation", made.household_id)


@given(st.sets(st.sampled_from(sorted(DIFFERENT)), max_size=3), st.booleans())
def test_any_difference_gives_one_and_the_same_answer(fields: set[str], year_only: bool) -> None:
    """Whatever is changed, and however much, the answer's body is the same but for the outcome."""
    engine = create_engine("sqlite://")
    KitBase.metadata.create_all(engine)
    metadata.create_all(engine)
    stated = check(id_card="211234567", **{"date_of_birth": "1990"} if year_only else {})
    stated.update({field: DIFFERENT[field] for field in fields})
    if year_only and "date_of_birth" in fields:
        stated["date_of_birth"] = "1989"
    with Tx(engine, source="test", expire_on_commit=False) as tx:
        registration.register(tx, citizens(an()), batch=True, now=NOW)
        tx.run_later()
        asked = IdentityCheck.model_validate(stated)
        answer = checks.check_identities(tx, [asked], client_id="one-stop", now=NOW)
    outcome, alive = ("mismatched", None) if fields else ("matched", "alive")
    assert answer.model_dump(mode="json") == {
        "results": [{"request_id": "R1", "outcome": outcome, "life_status": alive}]
    }


async def test_who_counts_checks_is_told_how_many_and_never_who(store: Store) -> None:
    await registered(store, an(), binh())
    before = len(await events(store))
    await identities(store, check(), check(request_id="R2", personal_id=NOBODY))
    card = IdCardCheck.model_validate({**purpose_of(check()), "personal_id": AN, "id_card": "211234567"})
    await store.write(lambda tx: checks.check_id_cards(tx, [card], client_id="one-stop", now=NOW))
    people, cards = (await events(store))[before:]
    assert people.axis_subject == "axis.population.identity-checks-recorded"
    told = people.data_as(IdentityChecksRecorded)
    assert [(each.kind, each.outcome) for each in told.checks] == [
        ("identity_check", "matched"),
        ("identity_check", "not_found"),
    ]
    assert {each.dossier for each in told.checks} == {check()["dossier"]}
    assert [each.kind for each in cards.data_as(IdentityChecksRecorded).checks] == ["id_card_check"]
    assert people.version == cards.version == 1 and people.key != cards.key
    for personal in (AN, NOBODY, "211234567", "Nguyễn"):
        assert personal not in people.model_dump_json() + cards.model_dump_json()


def purpose_of(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("request_id", "procedure_code", "dossier") if name in body}
