"""Answers that fit, and all that do not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from contracts.envelope import Event
from contracts.events.task import TaskAnswered
from contracts.tasks import Answer, System
from services.bus.kit.clock import FixedClock
from services.bus.kit.inbox import Apply, Arrival
from services.bus.kit.tables import Outbox
from services.bus.kit.testing import TestIssuer
from services.dossier.reactions import on_answer
from services.dossier.tasks.models import TaskAnswer
from services.dossier.tasks.overdue import Overdue
from tests.services.dossier.tasks.conftest import Hands

pytestmark = pytest.mark.anyio

AT = datetime(2026, 1, 5, 3, 0, tzinfo=UTC)
RECEIVED, HEARD = AT - timedelta(milliseconds=40), AT + timedelta(milliseconds=7)


async def effects(hands: Hands, step: str) -> list[str]:
    task = (await hands.client.get(f"/v1/tasks/{hands.code}.{step}")).json()
    return [each["effect"] for each in task["answers"]]


async def over_the_axis(hands: Hands, step: str, version: int, answer: Answer, system: str = "civil") -> None:
    """The answer as an event, applied through the inbox as the consumer does it."""
    data = TaskAnswered(
        task_id=f"{hands.code}.{step}",
        system=System(system),
        dossier_code=hands.code,
        answer=answer,
        received_at=RECEIVED,
        at=AT,
    )
    key = f"{hands.code}.{step}/answer"
    event = Event.of(data, id=f"{key}-{version}", source="/truc/civil", key=key, version=version, time=AT)
    arrival = Arrival(event, event.model_dump_json().encode(), AT, AT)

    def reaction(tx, event):  # type: ignore[no-untyped-def]
        on_answer(tx, event, clock=FixedClock(HEARD), supplement_days=7, signer=None)

    await hands.service.store.write(Apply("dossier-answers", reaction, [arrival], FixedClock(AT)))


async def test_the_way_of_an_answer_is_noted(hands: Hands) -> None:
    await hands.take_in()
    await over_the_axis(hands, "birth", 1, Answer.completed({"number": 1}))
    await hands.done("card", number=2)
    (on_the_axis,), (over_http,) = [
        (await hands.client.get(f"/v1/tasks/{hands.code}.{step}")).json()["answers"] for step in ("birth", "card")
    ]
    way = [datetime.fromisoformat(on_the_axis[name]) for name in ("received_at", "at", "heard_at")]
    assert way == [RECEIVED, AT, HEARD]
    assert over_http["received_at"] is None
    assert over_http["heard_at"] == over_http["at"]


async def test_the_same_answer_twice_has_one_effect(hands: Hands) -> None:
    await hands.take_in()
    await hands.done("birth")
    told = await hands.told()
    await hands.done("birth")
    assert await hands.told() == told
    assert await effects(hands, "birth") == ["applied", "repeated"]


async def test_an_event_that_comes_twice_has_one_effect(hands: Hands) -> None:
    await hands.take_in()
    for _ in range(3):
        await over_the_axis(hands, "birth", 1, Answer.completed({"number": 1}))
    assert await effects(hands, "birth") == ["applied"]
    assert await hands.history() == [2, 4]


async def test_a_correction_in_time_replaces_the_results(hands: Hands) -> None:
    await hands.take_in()
    await hands.done("birth", 1)
    await hands.done("birth", 2)
    run = await hands.run()
    assert run["tasks"][0]["results"] == {"number": 2}
    assert await effects(hands, "birth") == ["applied", "corrected"]


async def test_a_correction_after_the_result_was_returned_is_too_late(hands: Hands) -> None:
    await hands.take_in()
    for name in ("birth", "residence", "card"):
        await hands.done(name)
    response = await hands.say("birth", "completed", results={"number": 9})
    assert (response.status_code, response.json()["type"]) == (409, "urn:truc:problem:task-closed")
    assert (await hands.run())["tasks"][0]["results"] == {"number": 1}


async def test_an_answer_to_a_cancelled_task_has_no_effect(hands: Hands) -> None:
    await hands.take_in()
    await hands.act("withdraw", note="Đổi ý")
    assert (await hands.say("birth", "completed", results={"number": 1})).status_code == 409
    await over_the_axis(hands, "birth", 1, Answer.completed({"number": 1}))
    assert await effects(hands, "birth") == ["late"]
    assert (await hands.run())["outcome"] == "cancelled"


@pytest.mark.parametrize("task", ["H08-230301-9999999.birth", "nonsense.birth", "H08-230301-0000001.card"])
async def test_an_unknown_task_and_one_not_asked_for_yet(hands: Hands, task: str) -> None:
    await hands.take_in()
    task = task.replace("H08-230301-0000001", hands.code)
    response = await hands.client.post(f"/v1/tasks/{task}/answers", json={"kind": "accepted"})
    assert (response.status_code, response.json()["type"]) == (404, "urn:truc:problem:not-found")


async def test_a_task_of_another_system(hands: Hands, issuer: TestIssuer) -> None:
    await hands.take_in()
    hands.client.headers["Authorization"] = f"Bearer {issuer.token('task:tax')}"
    response = await hands.say("birth", "accepted")
    assert (response.status_code, response.json()["type"]) == (403, "urn:truc:problem:task-not-yours")
    assert (await hands.client.get(f"/v1/tasks/{hands.code}.birth")).status_code == 403
    assert (await hands.client.get("/v1/tasks?system=civil")).status_code == 403
    assert (await hands.client.get("/v1/tasks?system=tax")).json()["items"] == []


async def test_a_system_that_answers_for_another_is_kept_out_on_the_axis_too(hands: Hands) -> None:
    await hands.take_in()
    await over_the_axis(hands, "birth", 1, Answer.completed({"number": 1}), system="tax")
    assert await effects(hands, "birth") == ["rejected"]
    assert (await hands.states())["birth"] == "requested"


async def test_results_that_fail_their_schema(hands: Hands) -> None:
    await hands.take_in()
    response = await hands.say("birth", "completed", results={"number": "fifteen"})
    assert (response.status_code, response.json()["type"]) == (422, "urn:truc:problem:results-unfit")
    assert response.json()["errors"][0]["field"] == "body.results.number"
    response = await hands.say("birth", "completed", results={})
    assert response.json()["errors"][0] == {
        "field": "body.results.number",
        "rule": "results.required",
        "detail": "This is required.",
    }
    await over_the_axis(hands, "birth", 1, Answer.completed({}))
    assert await effects(hands, "birth") == ["rejected"]
    await over_the_axis(hands, "birth", 2, Answer.completed({"number": 1}))
    assert (await hands.states())["birth"] == "completed"


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({"kind": "refused"}, "body"),
        ({"kind": "accepted", "results": {"number": 1}}, "body"),
        ({"kind": "needs_payment", "payments": [{"code": "P", "name": "P", "amount_vnd": 0}]}, "body.payments[0]"),
        ({"kind": "done"}, "body.kind"),
        ({"kind": "accepted", "more": 1}, "body.more"),
    ],
)
async def test_answers_that_make_no_sense(hands: Hands, answer: dict[str, object], field: str) -> None:
    await hands.take_in()
    response = await hands.client.post(f"/v1/tasks/{hands.code}.birth/answers", json=answer)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"].startswith(field)
    assert await effects(hands, "birth") == []


async def test_a_task_nobody_answers_becomes_overdue_and_may_still_be_answered(hands: Hands) -> None:
    await hands.take_in()
    now = datetime.now(UTC)
    hands.service.clock = FixedClock(now + timedelta(days=30))
    settings = hands.service.settings
    overdue = Overdue(hands.service, settings)  # type: ignore[arg-type]
    assert (await overdue.mark(), await overdue.mark()) == (1, 0)
    (line,) = (await hands.client.get("/v1/tasks?system=civil&overdue=true")).json()["items"]
    assert line["overdue_at"] is not None
    rows = await hands.service.store.read(lambda tx: list(tx.scalars(select(Outbox.subject))))
    assert rows.count("axis.dossier.task-overdue") == 1
    await hands.done("birth")
    assert (await hands.dossier())["status"] == 4


async def test_a_task_that_waits_for_the_citizen_is_not_overdue(hands: Hands) -> None:
    await hands.take_in()
    await hands.say("birth", "needs_supplement", supplement={"content": "Giấy tờ"})
    hands.service.clock = FixedClock(datetime.now(UTC) + timedelta(days=30))
    assert await Overdue(hands.service, hands.service.settings).mark() == 0  # type: ignore[arg-type]


async def test_a_system_finds_its_open_tasks_page_by_page(hands: Hands) -> None:
    for _ in range(5):
        await hands.take_in()
    first = (await hands.client.get("/v1/tasks?system=civil&limit=3")).json()
    rest = (await hands.client.get(f"/v1/tasks?system=civil&limit=3&cursor={first['next_cursor']}")).json()
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (3, 2, None)


async def test_answers_are_only_ever_added_to(hands: Hands) -> None:
    await hands.take_in()
    await hands.say("birth", "accepted")
    await hands.say("birth", "progress", note="Đang in giấy")
    await hands.done("birth")
    rows = await hands.service.store.read(
        lambda tx: [(row.number, row.kind) for row in tx.scalars(select(TaskAnswer).order_by(TaskAnswer.number))]
    )
    assert rows == [(1, "accepted"), (2, "progress"), (3, "completed")]
