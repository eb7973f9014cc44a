"""Where a running dossier goes, step by step, on both databases."""

from __future__ import annotations

import pytest

from contracts.catalogue.plans import Plan
from contracts.status import is_legal_history
from tests.services.dossier.conftest import new_dossier
from tests.services.dossier.tasks.conftest import GROUP, Hands, plan, step

pytestmark = pytest.mark.anyio


async def test_only_what_is_ready_is_requested(hands: Hands) -> None:
    run = await hands.take_in()
    assert await hands.states() == {
        "birth": "requested",
        "residence": "waiting",
        "card": "waiting",
        "gift": "skipped",
    }
    assert run["outcome"] == "running"
    assert run["tasks"][0]["due_at"] is not None
    assert await hands.told() == [("requested", "birth", 1)]


async def test_steps_run_side_by_side_and_the_dossier_follows_to_its_end(hands: Hands) -> None:
    await hands.take_in()
    await hands.say("birth", "accepted", note="Đã nhận")
    assert await hands.history() == [2, 4]
    await hands.done("birth", 15)
    assert (await hands.states())["residence"] == (await hands.states())["card"] == "requested"
    await hands.done("card")
    await hands.done("residence")
    assert await hands.history() == [2, 4, 9, 10]
    run = await hands.run()
    assert run["outcome"] == "completed"
    assert run["parts"] == {"1.001570": "completed", "1.004222": "completed", "2.002621": "completed"}


async def test_later_steps_are_given_the_results_of_earlier_ones(hands: Hands) -> None:
    await hands.take_in()
    await hands.done("birth", 15)
    task = (await hands.client.get(f"/v1/tasks/{hands.code}.card")).json()
    assert task["earlier"] == {"birth": {"number": 15}}


async def test_a_step_with_a_condition_is_taken_where_the_form_meets_it(hands: Hands) -> None:
    await hands.take_in(form={"gift": True})
    for name in ("birth", "residence", "card"):
        await hands.done(name)
    assert (await hands.states())["gift"] == "requested"
    await hands.done("gift")
    assert (await hands.run())["outcome"] == "completed"


async def test_a_step_that_completes_at_once_still_leaves_a_legal_history(hands: Hands) -> None:
    await hands.take_in()
    for name in ("birth", "residence", "card"):
        await hands.done(name)
    history = await hands.history()
    assert history == [2, 4, 9, 10]
    assert is_legal_history(history)


async def test_a_refusal_of_the_leading_step_stops_the_dossier_and_cancels_the_rest(hands: Hands) -> None:
    await hands.take_in()
    await hands.refuse("birth")
    assert await hands.history() == [2, 4, 8]
    assert await hands.states() == {
        "birth": "refused",
        "residence": "cancelled",
        "card": "cancelled",
        "gift": "skipped",
    }
    assert (await hands.run())["outcome"] == "refused"
    timeline = (await hands.client.get(f"/v1/dossiers/{hands.code}/timeline")).json()
    assert timeline["steps"][-1]["note"] == "Không có căn cứ"


async def test_an_officer_who_resumes_has_the_refused_step_asked_again(hands: Hands) -> None:
    await hands.take_in()
    await hands.refuse("birth")
    assert (await hands.act("resume", note="Đã bổ sung căn cứ")).status_code == 200
    assert (await hands.states())["birth"] == "requested"
    assert await hands.told() == [("requested", "birth", 1), ("requested", "birth", 2)]
    for name in ("birth", "residence", "card"):
        await hands.done(name)
    assert (await hands.run())["outcome"] == "completed"


async def test_a_refusal_downstream_leaves_the_rest_standing(hands: Hands) -> None:
    await hands.take_in(form={"gift": True})
    await hands.done("birth")
    await hands.refuse("card")
    assert (await hands.states())["gift"] == "cancelled"
    await hands.done("residence")
    run = await hands.run()
    assert run["outcome"] == "partly"
    assert run["parts"]["1.004222"] == "completed"
    assert run["parts"]["2.002621"] == "refused"
    assert await hands.history() == [2, 4, 9, 10]
    steps = (await hands.client.get(f"/v1/dossiers/{hands.code}/timeline")).json()["steps"]
    assert steps[2]["note"] == (
        "Hoàn thành một phần. Đã thực hiện: Bước birth; Bước residence. Bị từ chối: Bước card (Không có căn cứ). "
        "Không thực hiện: Bước gift."
    )


async def test_papers_that_a_system_wants_are_asked_of_the_citizen_and_the_system_goes_on(hands: Hands) -> None:
    await hands.take_in()
    await hands.say("birth", "needs_supplement", supplement={"content": "Giấy chứng sinh"})
    assert await hands.history() == [2, 5]
    dossier = await hands.dossier()
    assert dossier["supplements"][0]["content"] == "Giấy chứng sinh"
    assert (await hands.act("supplement", note="Đã nộp")).status_code == 200
    assert (await hands.states())["birth"] == "in_progress"
    assert await hands.told() == [("requested", "birth", 1), ("resumed", "birth", 2)]
    await hands.done("birth")
    assert (await hands.dossier())["status"] == 4


async def test_two_systems_may_want_papers_one_after_the_other(hands: Hands) -> None:
    await hands.take_in()
    await hands.done("birth")
    await hands.say("residence", "needs_supplement", supplement={"content": "Giấy tờ chỗ ở"})
    await hands.say("card", "needs_supplement", supplement={"content": "Nơi khám bệnh"})
    assert len((await hands.dossier())["supplements"]) == 2
    await hands.act("supplement", note="Đã nộp cả hai")
    states = await hands.states()
    assert states["residence"] == states["card"] == "in_progress"


async def test_money_that_a_system_wants_is_paid_before_it_goes_on(hands: Hands) -> None:
    await hands.take_in()
    tax = {"code": "TNCN", "name": "Thuế thu nhập cá nhân", "amount_vnd": 12_000_000}
    fee = {"code": "LPTB", "name": "Lệ phí trước bạ", "amount_vnd": 3_000_000}
    await hands.say("birth", "needs_payment", payments=[tax, fee])
    assert await hands.history() == [2, 4, 6]
    await hands.client.post(f"/v1/dossiers/{hands.code}/payments", json={"fee_code": "TNCN"})
    assert (await hands.dossier())["status"] == 6
    await hands.client.post(f"/v1/dossiers/{hands.code}/payments", json={"fee_code": "LPTB", "online": True})
    assert await hands.history() == [2, 4, 6, 4]
    assert await hands.told() == [("requested", "birth", 1), ("resumed", "birth", 2)]
    assert (await hands.states())["birth"] == "in_progress"


async def test_an_officer_may_confirm_the_payment_too(hands: Hands) -> None:
    await hands.take_in()
    await hands.say("birth", "needs_payment", payments=[{"code": "P", "name": "Phí", "amount_vnd": 5}])
    assert (await hands.act("confirm_payment")).status_code == 200
    assert await hands.history() == [2, 4, 6, 4]
    assert (await hands.states())["birth"] == "in_progress"


async def test_a_refusal_while_another_waits_for_money_takes_the_claim_back(
    hands: Hands, planned: dict[str, Plan]
) -> None:
    planned["1.001570"] = plan(step("check", "land"), step("assess", "tax"))
    await hands.take_in()
    await hands.say("assess", "needs_payment", payments=[{"code": "P", "name": "Thuế", "amount_vnd": 5}])
    await hands.refuse("check")
    assert await hands.history() == [2, 4, 6, 4, 8]
    assert (await hands.dossier())["fees"] == []
    assert ("cancelled", "assess", 2) in await hands.told()
    assert is_legal_history(await hands.history())


async def test_withdrawing_cancels_what_is_open(hands: Hands) -> None:
    await hands.take_in()
    await hands.done("birth")
    assert (await hands.act("withdraw", note="Đổi ý")).status_code == 200
    assert (await hands.run())["outcome"] == "cancelled"
    assert {name for kind, name, _ in await hands.told() if kind == "cancelled"} == {"residence", "card"}


async def test_an_officer_cannot_end_what_systems_are_at(hands: Hands) -> None:
    await hands.take_in()
    response = await hands.act("complete")
    assert (response.status_code, response.json()["type"]) == (409, "urn:truc:problem:systems-at-work")
    assert await hands.history() == [2]


async def test_an_online_dossier_begins_when_it_is_received(hands: Hands) -> None:
    response = await hands.client.post("/v1/dossiers", json=new_dossier(handling="systems", channel="online"))
    hands.code = response.json()["code"]
    assert (await hands.client.get(f"/v1/dossiers/{hands.code}/run")).status_code == 404
    await hands.act("receive")
    assert (await hands.states())["birth"] == "requested"


async def test_a_changed_procedure_leaves_running_dossiers_alone(hands: Hands, planned: dict[str, Plan]) -> None:
    old = await hands.take_in()
    planned["1.001570"] = plan(step("other", "health"))
    assert set(await hands.states()) == {"birth", "residence", "card", "gift"}
    await hands.done("birth")
    assert (await hands.states())["card"] == "requested"
    new = await hands.take_in()
    assert {task["step"] for task in new["tasks"]} == {"other"}
    assert old["plan"] != new["plan"]


async def test_a_result_that_officers_hand_over_waits_for_them(hands: Hands, planned: dict[str, Plan]) -> None:
    planned["1.001570"] = Plan.model_validate({**GROUP.model_dump(), "returned": "by-officer"})
    await hands.take_in()
    for name in ("birth", "residence", "card"):
        await hands.done(name)
    assert await hands.history() == [2, 4, 9]
    assert (await hands.act("return_result")).status_code == 200


async def test_systems_are_asked_only_where_there_is_a_plan(hands: Hands, planned: dict[str, Plan]) -> None:
    planned.clear()
    response = await hands.client.post("/v1/dossiers", json=new_dossier(handling="systems"))
    assert (response.status_code, response.json()["type"]) == (422, "urn:truc:problem:no-plan")
    assert response.json()["errors"][0]["field"] == "body.handling"
