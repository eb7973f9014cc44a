"""The desk: every procedure of the land registry from its form to its results, and what it refuses."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from contracts.catalogue.plans import plans
from contracts.envelope import Event
from contracts.events.civil import CivilPerson, DeathRegistered
from contracts.events.dossier import RunEnded
from contracts.tasks import Answer, AnswerKind, System
from services.bus.kit.clock import FixedClock
from services.bus.kit.desk import Desk
from services.bus.kit.store import Store
from services.registry.land import reactions
from services.registry.land.desk import land_desk
from services.registry.land.settings import LandSettings
from tests.services.registry.land.parcels import (
    AN,
    BINH,
    CHI,
    COMMUNE,
    KEY,
    NOW,
    blocked,
    died,
    events,
    filed,
    handover,
    mortgage,
    person,
    registered,
    shares,
    shown,
)
from tests.services.registry.land.tasks import DOSSIER, FORMS, asked, form_errors, request, resumed

pytestmark = pytest.mark.anyio

TAX = {"notice": "TB-9", "amount_vnd": 22_500_000, "exempt": False, "reason": None, "receipts": []}


@pytest.fixture
def desk() -> Desk:
    return land_desk(LandSettings(), FixedClock(NOW))


def refused(answer: Answer | None) -> str:
    assert answer is not None
    assert answer.kind is AnswerKind.REFUSED, answer
    assert answer.refusal is not None
    return answer.refusal.code


def completed(answer: Answer | None) -> dict[str, Any]:
    assert answer is not None
    assert answer.kind is AnswerKind.COMPLETED, answer
    return answer.results


def test_every_form_here_is_one_its_schema_takes() -> None:
    of_land = {plan.procedure for plan in plans() if any(step.system is System.LAND for step in plan.steps)}
    assert of_land == set(FORMS)
    for procedure, form in FORMS.items():
        assert form_errors(procedure, form) == []
        assert form_errors(procedure, {**form, "colour": "red"}) != []


async def test_a_transfer_from_check_to_certificate(store: Store, desk: Desk) -> None:
    await registered(store)
    checked = completed(await asked(store, desk, request("1.013831", "check")))
    assert checked["taxable"] == {
        "kind": "transfer",
        "value_vnd": 900_000_000,
        "area_m2": "250.50",
        "relation": None,
        "land_uses": ["ONT: 250.50"],
    }
    assert (await shown(store)).pending == checked["change_id"]
    earlier = {"check": checked, "tax": TAX}
    done = completed(await asked(store, desk, request("1.013831", "register", earlier=earlier)))
    assert (done["change_id"], done["serial"]) == (checked["change_id"], "TR00000002")
    assert (done["holders"], done["parcel_keys"]) == (["Trần Thị Bình"], [KEY])
    assert len(done["certificate_code"]) == 12
    assert shares(await shown(store)) == {BINH: "1/1"}


async def test_a_repeated_request_does_nothing_twice(store: Store, desk: Desk) -> None:
    await registered(store)
    task = request("1.011441", "mortgage")
    completed(await asked(store, desk, task))
    assert await asked(store, desk, task) is None
    assert len((await shown(store)).restrictions) == 1


async def test_mortgage_and_deletion(store: Store, desk: Desk) -> None:
    await registered(store)
    made = completed(await asked(store, desk, request("1.011441", "mortgage")))
    assert (made["mortgagee"], made["mortgagor"], made["number"]) == (
        "Ngân hàng Quy Nhơn",
        "Nguyễn Văn An",
        "BD-2026-000002",
    )
    gone = completed(await asked(store, desk, request("1.011443", "deletion", task_id="t2")))
    assert gone["restriction_id"] == made["restriction_id"]
    assert (await shown(store)).restrictions == []
    assert refused(await asked(store, desk, request("1.011443", "deletion", task_id="t3"))) == "not-found"


@pytest.mark.parametrize(
    ("procedure", "step", "serial"),
    [
        ("1.012783", "reissue", "TR00000002"),
        ("1.012786", "reissue", "TR00000002"),
        ("1.012790", "correct", "TR00000002"),
        ("1.013833", "change", "TR00000001"),
    ],
)
async def test_one_step_procedures(store: Store, desk: Desk, procedure: str, step: str, serial: str) -> None:
    await registered(store)
    assert completed(await asked(store, desk, request(procedure, step)))["serial"] == serial


async def test_split(store: Store, desk: Desk) -> None:
    await registered(store)
    done = completed(await asked(store, desk, request("1.013980", "split")))
    assert done["parcel_keys"] == [f"{COMMUNE}-12-346", f"{COMMUNE}-12-347"]
    assert sorted(done["certificates"].values()) == ["TR00000002", "TR00000003"]
    bad = {**FORMS["1.013980"], "parcel_key": f"{COMMUNE}-12-346", "certificate_serial": "TR00000002"}
    answer = await asked(store, desk, request("1.013980", "split", form=bad, task_id="t2"))
    assert refused(answer) == "land-rules-broken"


async def test_change_of_purpose(store: Store, desk: Desk) -> None:
    await registered(store)
    checked = completed(await asked(store, desk, request("1.013992", "check")))
    assert checked["taxable"]["kind"] == "change-of-purpose"
    done = completed(
        await asked(store, desk, request("1.013992", "register", earlier={"check": checked, "tax": TAX}))
    )
    assert done["land_uses"] == ["TMD: 100.00 m²", "ONT: 150.50 m²"]


async def test_an_inheritance_asks_for_the_death_certificate_once(store: Store, desk: Desk) -> None:
    await registered(store)
    form = {**FORMS["1.013831"], "kind": "inheritance", "relation": "spouse"}
    task = request("1.013831", "check", form=form, by=BINH)
    wanted = await asked(store, desk, task)
    assert wanted is not None and wanted.kind is AnswerKind.NEEDS_SUPPLEMENT
    assert (await shown(store)).pending is None
    checked = completed(await resumed(store, desk, task))
    assert checked["warnings"] == ["inheritance.death-known"]
    assert checked["taxable"]["relation"] == "spouse"


async def test_a_lease_needs_no_new_certificate(store: Store, desk: Desk) -> None:
    await registered(store)
    form = {**FORMS["1.013831"], "kind": "lease", "until": "2030-01-01"}
    checked = completed(await asked(store, desk, request("1.013831", "check", form=form)))
    task = request("1.013831", "register", form=form, earlier={"check": checked})
    assert completed(await asked(store, desk, task))["serial"] == "TR00000001"
    assert len((await shown(store)).rights) == 2


async def test_the_refusal_tells_every_rule_in_both_languages(store: Store, desk: Desk) -> None:
    await registered(store)
    await blocked(store, "dispute")
    await blocked(store, "distraint")
    answer = await asked(store, desk, request("1.013831", "check"))
    assert refused(answer) == "land-rules-broken"
    assert answer is not None and answer.refusal is not None
    assert "in dispute" in answer.refusal.en and "under distraint" in answer.refusal.en
    assert "tranh chấp" in answer.refusal.vi and "kê biên" in answer.refusal.vi


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({}, CHI, "not-the-holder"),
    ({"certificate_serial": "AA00000009"}, AN, "certificate-differs"),
    ({"parcel_key": f"{COMMUNE}-12-999"}, AN, "not-found"),
    ({"parcel_key": "nonsense"}, AN, "validation"),
    ({"kind": "wish"}, AN, "validation"),
    ({"effective_on": "soon"}, AN, "validation"),
    ({"recipient": {"name": "B", "personal_id": "1"}}, AN, "validation"),
    ({"recipient": {"name": "Bình", "personal_id": BINH, "share": "1/2"}}, AN, "land-rules-broken"),
    ({"giver": {"name": "Ai đó", "personal_id": BINH}}, AN, "land-rules-broken"),
]


@pytest.mark.parametrize(("changes", "by", "code"), BAD)
async def test_what_is_wrong_with_a_form_is_a_refusal(
    store: Store, desk: Desk, changes: dict[str, Any], by: str, code: str
) -> None:
    await registered(store)
    form = {**FORMS["1.013831"], **changes}
    assert refused(await asked(store, desk, request("1.013831", "check", form=form, by=by))) == code
    assert (await shown(store)).pending is None


async def test_the_mortgagee_agrees_by_the_form(store: Store, desk: Desk) -> None:
    await registered(store)
    await filed(store, mortgage())
    assert refused(await asked(store, desk, request("1.013831", "check"))) == "land-rules-broken"
    form = {**FORMS["1.013831"], "mortgagee_agrees": "yes"}
    completed(await asked(store, desk, request("1.013831", "check", form=form), version=2))


async def test_another_dossier_finds_the_right_locked(store: Store, desk: Desk) -> None:
    await registered(store)
    completed(await asked(store, desk, request("1.013831", "check")))
    other = request("1.013831", "check", task_id="other", dossier_code="H08.21-261122-0002")
    assert refused(await asked(store, desk, other)) == "change-pending"
    again = request("1.013831", "check", task_id="again")
    completed(await asked(store, desk, again))


async def test_a_block_between_check_and_registration_is_a_refusal(store: Store, desk: Desk) -> None:
    await registered(store)
    checked = completed(await asked(store, desk, request("1.013831", "check")))
    await blocked(store)
    task = request("1.013831", "register", earlier={"check": checked, "tax": TAX})
    assert refused(await asked(store, desk, task)) == "land-rules-broken"
    assert shares(await shown(store)) == {AN: "1/1"}


async def test_what_was_given_up_meanwhile_is_filed_anew(store: Store, desk: Desk) -> None:
    await registered(store)
    checked = completed(await asked(store, desk, request("1.013831", "check")))
    await ended(store, "refused")
    assert (await shown(store)).pending is None
    task = request("1.013831", "register", earlier={"check": checked, "tax": TAX})
    assert completed(await asked(store, desk, task))["serial"] == "TR00000002"


async def ended(store: Store, outcome: str) -> None:
    """Tell the registry that the dossier has come to this end."""
    ended = RunEnded(
        code=DOSSIER, procedure_code="1.013831", receiving_agency="H08.31.21", outcome=outcome, parts={}, at=NOW
    )
    event = Event.of(ended, id="s", source="/truc/dossier", key=f"{DOSSIER}/run", version=1, time=NOW)
    await store.write(lambda tx: reactions.react(tx, event))


@pytest.mark.parametrize("outcome", ["completed", "partly", "refused", "cancelled"])
async def test_a_dossier_that_ends_unlocks_the_right(store: Store, desk: Desk, outcome: str) -> None:
    await registered(store)
    completed(await asked(store, desk, request("1.013831", "check")))
    assert (await shown(store)).pending is not None
    await ended(store, outcome)
    assert (await shown(store)).pending is None


async def test_a_death_is_heard(store: Store) -> None:
    await registered(store)
    death = DeathRegistered(
        record_id="r1",
        personal_id=AN,
        deceased=CivilPerson(full_name="Nguyễn Văn An", personal_id=AN),
        died_on=date(2026, 11, 1),
        agency="H08.31.21",
        registered_on=date(2026, 11, 2),
        at=NOW,
    )
    event = Event.of(death, id="d", source="/truc/civil", key="r1", version=1, time=NOW)
    await store.write(lambda tx: reactions.react(tx, event))
    await store.write(lambda tx: reactions.react(tx, event))
    with pytest.raises(Exception, match="1 rule"):
        await filed(store, handover())
    await died(store, AN, date(2026, 11, 3))
    assert len(await events(store)) == 2


async def test_two_recipients(store: Store, desk: Desk) -> None:
    await registered(store)
    form = {
        **FORMS["1.013831"],
        "recipient": person(BINH, share="2/3"),
        "co_recipient": person(CHI, share="1/3"),
    }
    assert form_errors("1.013831", form) == []
    checked = completed(await asked(store, desk, request("1.013831", "check", form=form)))
    task = request("1.013831", "register", form=form, earlier={"check": checked, "tax": TAX})
    completed(await asked(store, desk, task))
    assert shares(await shown(store)) == {BINH: "2/3", CHI: "1/3"}
