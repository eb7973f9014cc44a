"""What a persona makes of tasks, each behaviour by itself: with a clock that is moved, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contracts.tasks import System
from gateway.ministries.commands.turns import give
from gateway.ministries.kinds.matter import faults
from gateway.ministries.ministries import ministries_of
from gateway.ministries.queries.due import due_turns
from tests.gateway.ministries.office import DOSSIER, NOW, TRANSFER, Office, cancelled, requested, resumed

pytestmark = pytest.mark.anyio

CARD = "insurance.issue-card"
REASONS: list[dict[str, Any]] = [
    {"code": "has-debt", "vi": "Còn nợ.", "en": "There is a debt.", "weight": 3},
    {"code": "no-record", "vi": "Không có hồ sơ.", "en": "There is no record."},
]


async def test_by_default_a_task_is_accepted_and_completed_in_the_same_breath(office: Office) -> None:
    await office.hear(requested("t-1", CARD))
    accepted, completed = await office.said("t-1")
    assert (accepted["kind"], completed["kind"]) == ("accepted", "completed")
    assert faults(CARD, "results", completed["results"]) == []
    task = await office.task("t-1")
    assert (task["state"], task["answers"]) == ("completed", 2)
    assert [(t["state"], t["version"]) for t in task["turns"]] == [("done", 1), ("done", 2)]


async def test_a_request_that_comes_again_changes_nothing(office: Office) -> None:
    for _ in range(3):
        await office.hear(requested("t-1", CARD))
    assert await office.kinds_said() == ["accepted", "completed"]


async def test_acceptance_can_be_left_out(office: Office) -> None:
    await office.persona("social-insurance", accepts_first=False)
    await office.hear(requested("t-1", CARD))
    assert await office.kinds_said() == ["completed"]


async def test_the_judicial_records_take_their_time_by_default(office: Office) -> None:
    await office.hear(requested("t-1"))
    assert await office.kinds_said() == ["accepted"]
    await office.pass_time(seconds=400)
    said = await office.until("t-1", "accepted", "progress", "completed")
    assert "xác minh" in said[1]["note"]


async def test_latency_and_slowness_hold_an_answer_back(office: Office) -> None:
    await office.persona("social-insurance", latency={"seconds": 10}, slow=3, progress=["một", "hai"])
    await office.hear(requested("t-1", CARD))
    await office.pass_time(seconds=9.9)
    assert await office.kinds_said() == ["accepted"]
    await office.pass_time(seconds=0.2)
    await office.until("t-1", "accepted", "progress")
    await office.pass_time(seconds=19.8)
    await office.until("t-1", "accepted", "progress", "progress")
    await office.pass_time(seconds=0.2)
    said = await office.until("t-1", "accepted", "progress", "progress", "completed")
    assert [each["note"] for each in said[1:3]] == ["một", "hai"]


async def test_an_answer_is_dated_when_it_is_given(office: Office) -> None:
    await office.persona("judicial-records", latency={"seconds": 3 * 86_400})
    await office.hear(requested("t-1"))
    await office.pass_time(days=4)
    said = await office.until("t-1", "accepted", "completed")
    assert said[1]["results"]["issued_on"] == "2023-06-23"


async def test_refusals_give_their_reasons_by_weight(office: Office) -> None:
    await office.persona("social-insurance", refusal_rate=1, reasons=REASONS, accepts_first=False)
    await office.hear(*(requested(f"t-{n}", CARD) for n in range(200)))
    codes = [each["refusal"]["code"] for each in await office.said()]
    assert len(codes) == 200
    assert 120 <= codes.count("has-debt") <= 180
    assert (await office.task("t-0"))["state"] == "refused"


async def test_a_rate_is_a_share_of_the_tasks_and_can_be_repeated(office: Office) -> None:
    await office.persona("social-insurance", refusal_rate=0.3, accepts_first=False, seed=5)
    await office.hear(*(requested(f"t-{n}", CARD) for n in range(200)))
    first = {each["task"] for each in await office.said() if each["kind"] == "refused"}
    assert 40 <= len(first) <= 80
    await office.hear(*(requested(f"t-{n}", CARD, version=2) for n in range(200)))
    again = [each["task"] for each in await office.said() if each["kind"] == "refused"][len(first) :]
    assert set(again) != first  # another round, another chance


async def test_a_refused_task_that_is_asked_again_is_worked_on_again(office: Office) -> None:
    await office.persona("social-insurance", refusal_rate=1)
    await office.hear(requested("t-1", CARD))
    await office.persona("social-insurance")
    await office.hear(requested("t-1", CARD, version=2))
    assert await office.kinds_said("t-1") == ["accepted", "refused", "accepted", "completed"]
    assert (await office.task("t-1"))["round"] == 2


async def test_a_supplement_is_asked_for_once(office: Office) -> None:
    wanted = [{"content": "Bổ sung giấy chứng sinh", "working_days": 5}]
    await office.persona("social-insurance", supplement_rate=1, supplements=wanted)
    await office.hear(requested("t-1", CARD))
    said = await office.said("t-1")
    assert (said[1]["kind"], said[1]["supplement"]) == ("needs_supplement", wanted[0])
    assert (await office.task("t-1"))["state"] == "open"
    await office.hear(resumed("t-1", CARD))
    assert await office.kinds_said("t-1") == ["accepted", "needs_supplement", "completed"]


async def test_tax_is_asked_for_and_completed_once_paid(office: Office) -> None:
    await office.hear(requested("t-1", "tax.assess", earlier=TRANSFER))
    _, asked = await office.said("t-1")
    assert [p["amount_vnd"] for p in asked["payments"]] == [20_000_000, 5_000_000]
    await office.hear(resumed("t-1", "tax.assess", supplied="payment", paid_vnd=25_000_000))
    *_, done = await office.until("t-1", "accepted", "needs_payment", "completed")
    assert done["results"]["amount_vnd"] == 25_000_000
    assert done["results"]["notice"] == asked["payments"][0]["notice"]


async def test_payments_add_up_over_what_is_asked_again(office: Office) -> None:
    await office.hear(requested("t-1", "tax.assess", earlier=TRANSFER))
    await office.hear(resumed("t-1", "tax.assess", 2, "payment", 21_000_000))
    *_, asked = await office.said("t-1")
    assert [p["amount_vnd"] for p in asked["payments"]] == [4_000_000]
    await office.hear(
        resumed("t-1", "tax.assess", 3, "payment", 3_000_000),
        resumed("t-1", "tax.assess", 4, "payment", 1_000_000),
    )
    assert (await office.kinds_said("t-1"))[-2:] == ["needs_payment", "completed"]


async def test_an_exempt_gift_is_completed_at_once(office: Office) -> None:
    await office.hear(requested("t-1", "tax.assess"))
    assert (await office.said("t-1"))[1]["results"]["exempt"] is True


async def test_a_lie_is_a_completion_whose_results_fail_their_schema(office: Office) -> None:
    await office.persona("social-insurance", lie_rate=1)
    await office.hear(requested("t-1", CARD))
    _, lie = await office.said("t-1")
    assert lie["kind"] == "completed"
    assert faults(CARD, "results", lie["results"]) != []
    assert [t["mark"] for t in (await office.task("t-1"))["turns"]] == ["", "lie"]


async def test_a_lie_may_be_put_right_later(office: Office) -> None:
    await office.persona("social-insurance", lie_rate=1, correct_rate=1, correct_after_seconds=60)
    await office.hear(requested("t-1", CARD))
    await office.pass_time(seconds=61)
    *_, truth = await office.until("t-1", "accepted", "completed", "completed")
    assert faults(CARD, "results", truth["results"]) == []


async def test_what_is_forgotten_is_never_answered(office: Office) -> None:
    await office.persona("social-insurance", forget_rate=1)
    await office.hear(requested("t-1", CARD))
    await office.pass_time(days=300)
    await office.hear(requested("t-2", "welfare.funeral-allowance"))
    assert await office.kinds_said("t-1") == []
    task = await office.task("t-1")
    assert (task["state"], [t["state"] for t in task["turns"]]) == ("open", ["forgotten"])


@pytest.mark.parametrize(("latency", "after"), [(0, 0), (0, 30), (20, 0), (20, 10)])
async def test_an_answer_may_be_sent_twice_as_a_new_version(office: Office, latency: float, after: float) -> None:
    await office.persona("social-insurance", latency={"seconds": latency}, twice_rate=1, twice_after_seconds=after)
    await office.hear(requested("t-1", CARD))
    await office.pass_time(seconds=31)
    _, first, second = await office.until("t-1", "accepted", "completed", "completed")
    assert first["results"] == second["results"]
    assert (first["version"], second["version"]) == (2, 3)


async def test_a_second_request_for_payment_is_dropped_once_paid(office: Office) -> None:
    await office.persona("tax", twice_rate=1, twice_after_seconds=60, accepts_first=False)
    await office.hear(requested("t-1", "tax.assess", earlier=TRANSFER))
    await office.hear(resumed("t-1", "tax.assess", supplied="payment", paid_vnd=25_000_000))
    await office.pass_time(seconds=120)
    await office.until("t-1", "needs_payment", "completed", "completed")
    assert "dropped" in [t["state"] for t in (await office.task("t-1"))["turns"]]


async def test_what_an_earlier_round_had_to_say_is_dropped(office: Office) -> None:
    await office.persona("social-insurance", refusal_rate=1, twice_rate=1, twice_after_seconds=60)
    await office.hear(requested("t-1", CARD))
    await office.persona("social-insurance")
    await office.hear(requested("t-1", CARD, version=2))
    await office.pass_time(seconds=61)
    assert await office.kinds_said("t-1") == ["accepted", "refused", "accepted", "completed"]


async def test_a_second_request_for_payment_is_dropped_once_cancelled(office: Office) -> None:
    await office.persona("tax", twice_rate=1, twice_after_seconds=60)
    await office.hear(requested("t-1", "tax.assess", earlier=TRANSFER), cancelled("t-1", "tax.assess"))
    await office.pass_time(seconds=61)
    assert await office.kinds_said("t-1") == ["accepted", "needs_payment"]


async def test_what_was_paid_before_a_refusal_stays_paid(office: Office) -> None:
    await office.hear(requested("t-1", "tax.assess", earlier=TRANSFER))
    refusal = {"kind": "refused", "refusal": {k: v for k, v in REASONS[0].items() if k != "weight"}}
    await office.persona("tax", script=[{"answer": refusal}])
    await office.hear(resumed("t-1", "tax.assess", supplied="payment", paid_vnd=25_000_000))
    await office.hear(requested("t-1", "tax.assess", version=3, earlier=TRANSFER))
    assert (await office.kinds_said("t-1"))[2:] == ["refused", "accepted", "completed"]


async def test_a_turn_found_due_is_not_given_if_an_outage_began_meanwhile(office: Office) -> None:
    await office.persona("social-insurance", latency={"seconds": 60}, accepts_first=False)
    await office.hear(requested("t-1", CARD))
    desks = ministries_of(office.service).desks
    later = NOW + timedelta(seconds=61)
    (turn,), _ = await office.service.store.read(
        lambda tx: due_turns(tx, (System.SOCIAL_INSURANCE,), later, most=9)
    )
    await office.persona("social-insurance", outage={"for_seconds": 600})
    assert not await office.service.store.write(lambda tx: give(tx, desks, turn, later))
    assert await office.said() == []
    after = later + timedelta(seconds=600)
    assert await office.service.store.write(lambda tx: give(tx, desks, turn, after))
    assert not await office.service.store.write(lambda tx: give(tx, desks, turn, after))
    assert await office.kinds_said() == ["completed"]


async def test_a_completion_may_be_corrected_later(office: Office) -> None:
    await office.persona("social-insurance", correct_rate=1, correct_after_seconds=30)
    await office.hear(requested("t-1", CARD))
    assert await office.kinds_said("t-1") == ["accepted", "completed"]
    await office.pass_time(seconds=31)
    _, first, second = await office.until("t-1", "accepted", "completed", "completed")
    assert first["results"] != second["results"]
    assert faults(CARD, "results", second["results"]) == []


async def test_a_cancelled_task_is_not_answered_any_more(office: Office) -> None:
    await office.persona("social-insurance", latency={"seconds": 10}, accepts_first=False)
    await office.hear(requested("t-1", CARD), cancelled("t-1", CARD))
    await office.hear(requested("t-2", CARD))
    await office.pass_time(seconds=11)
    await office.until("t-2", "completed")
    assert await office.kinds_said("t-1") == []
    assert [t["state"] for t in (await office.task("t-1"))["turns"]] == ["dropped"]


async def test_in_an_outage_nothing_is_taken_up_and_then_all_is_in_order(office: Office) -> None:
    await office.persona("social-insurance", outage={"for_seconds": 600}, accepts_first=False)
    for n in range(5):
        await office.hear(requested(f"t-{n}", CARD))
        await office.pass_time(seconds=1)
    await office.hear(requested("w-1", "welfare.funeral-allowance"))  # another system is there
    await office.until(None, "accepted", "completed")
    assert (await office.task("t-0"))["turns"][0]["state"] == "waiting"
    await office.pass_time(seconds=600)
    said = await office.until(None, "accepted", "completed", *["completed"] * 5)
    assert [each["task"] for each in said[2:]] == [f"t-{n}" for n in range(5)]


async def test_what_falls_due_in_an_outage_is_said_after_it(office: Office) -> None:
    await office.persona("social-insurance", latency={"seconds": 60}, accepts_first=False)
    await office.hear(requested("t-1", CARD))
    await office.persona("social-insurance", outage={"for_seconds": 600})
    await office.pass_time(seconds=300)
    await office.hear(requested("t-2", CARD))
    assert await office.kinds_said() == []
    await office.persona("social-insurance", accepts_first=False)  # it is over early
    said = await office.until(None, "completed", "completed")
    assert [each["task"] for each in said] == ["t-1", "t-2"]


async def test_a_script_is_given_in_order_and_a_dossiers_own_goes_first(office: Office) -> None:
    refused = {"kind": "refused", "refusal": {k: v for k, v in REASONS[0].items() if k != "weight"}}
    script: list[dict[str, Any]] = [
        {"answer": {"kind": "progress", "note": "chờ"}},
        {"answer": {"kind": "completed", "results": {"anything": 1}}, "after_seconds": 5},
        {"answer": refused, "dossier": "H08.31.21-230620-0009"},
        {"answer": {"kind": "completed"}, "kind": "insurance.survivor-benefit"},
    ]
    shown = await office.persona("social-insurance", script=script)
    assert shown["script_left"] == 4
    await office.hear(requested("t-1", CARD))
    await office.hear(requested("t-2", CARD, dossier_code="H08.31.21-230620-0009"))
    await office.hear(requested("t-3", CARD))
    await office.hear(requested("t-4", "insurance.survivor-benefit"))
    await office.hear(requested("t-5", CARD))
    assert await office.kinds_said("t-1") == ["progress"]
    assert await office.kinds_said("t-2") == ["refused"]
    assert await office.kinds_said("t-3") == []
    assert faults("insurance.survivor-benefit", "results", (await office.said("t-4"))[0]["results"]) == []
    assert await office.kinds_said("t-5") == ["accepted", "completed"]  # the script is at its end
    await office.pass_time(seconds=6)
    (scripted,) = await office.until("t-3", "completed")
    assert scripted["results"] == {"anything": 1}
    response = await office.client.get("/v1/personas/social-insurance")
    assert response.json()["script_left"] == 0


async def test_a_kind_may_have_a_persona_of_its_own(office: Office) -> None:
    await office.persona("social-insurance", refusal_rate=1, accepts_first=False)
    await office.persona("social-insurance", "insurance.survivor-benefit", accepts_first=False)
    await office.hear(requested("t-1", CARD), requested("t-2", "insurance.survivor-benefit"))
    assert (await office.kinds_said("t-1"), await office.kinds_said("t-2")) == (["refused"], ["completed"])


async def test_an_unknown_kind_is_refused(office: Office) -> None:
    event = requested("t-1", CARD)
    await office.hear(event.model_copy(update={"data": {**event.data, "kind": "insurance.invented"}}))
    (refused,) = await office.said("t-1")
    assert refused["refusal"]["code"] == "unknown-kind"


async def test_nothing_is_answered_by_itself_in_manual_mode(office: Office) -> None:
    await office.persona("social-insurance", manual=True)
    await office.hear(requested("t-1", CARD), requested("t-2", CARD))
    await office.pass_time(days=1)
    assert await office.kinds_said() == []
    answer = {"kind": "refused", "refusal": {"code": "no", "vi": "Không.", "en": "No."}}
    response = await office.client.post("/v1/tasks/t-1/answers", json=answer)
    assert response.status_code == 201, response.text
    assert response.json()["state"] == "refused"
    await office.persona("social-insurance", accepts_first=False)  # what nobody has answered is answered now
    await office.until("t-2", "completed")
    assert await office.kinds_said("t-1") == ["refused"]


async def test_a_small_word_by_hand_leaves_the_rest_to_come(office: Office) -> None:
    await office.persona("social-insurance", latency={"seconds": 60}, accepts_first=False)
    await office.hear(requested("t-1", CARD))
    response = await office.client.post("/v1/tasks/t-1/answers", json={"kind": "progress", "note": "đang xem"})
    assert [t["state"] for t in response.json()["turns"]] == ["done", "waiting"]
    await office.pass_time(seconds=61)
    await office.until("t-1", "progress", "completed")


async def test_a_forgotten_task_can_be_completed_by_hand(office: Office) -> None:
    await office.persona("judicial-records", forget_rate=1)
    await office.hear(requested("t-1"))
    results = {
        "number": "1/2023/LLTP",
        "certificate_type": 1,
        "issued_on": "2023-06-20",
        "criminal_record": "none",
        "content": "Không có án tích",
    }
    response = await office.client.post("/v1/tasks/t-1/answers", json={"kind": "completed", "results": results})
    assert response.status_code == 201, response.text
    assert (await office.said("t-1"))[0]["results"] == results
    assert response.json()["request"]["dossier_code"] == DOSSIER
