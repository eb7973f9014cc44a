"""What an operator sees and does: lanes, dead letters, status."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import pytest

from services.bus.kit.testing import TestIssuer
from tests.gateway.sync.province import Sync, code_of, eventually, history, settings_for, status_event, syncing
from tests.gateway.sync.test_sending import ACKNOWLEDGED, refusing
from tests.gateway.sync.wire import Call, WirePortal

pytestmark = pytest.mark.anyio

A, B = code_of(1), code_of(2)


@pytest.fixture
async def sync(
    portal: WirePortal, database_url: str, issuer: TestIssuer, token_for: Callable[..., str]
) -> AsyncIterator[Sync]:
    settings = settings_for(portal.url, database_url, issuer)
    async with syncing(settings, token_for("sync:read", "sync:repair")) as sync:
        yield sync


async def got(sync: Sync, path: str) -> Any:
    response = await sync.client.get(path)
    assert response.status_code == 200, response.text
    return response.json()


async def letter_of(sync: Sync, key: str) -> dict[str, Any]:
    (letter,) = (await got(sync, f"/v1/dead-letters?key={key}&state=open"))["items"]
    return letter  # type: ignore[no-any-return]


async def test_a_lane_shows_every_step_with_every_hop(portal: WirePortal, sync: Sync) -> None:
    await sync.hear(*history(A, 2, 4))
    await sync.drained()
    lane = await got(sync, f"/v1/lanes/{A}")
    assert (lane["state"], lane["newest_version"], lane["acknowledged_version"]) == ("ok", 2, 2)
    assert lane["portal_knows"] is True
    assert [step["status"] for step in lane["steps"]] == [2, 4]
    for step in lane["steps"]:
        hops = ["committed_at", "published_at", "received_at", "sent_at", "acknowledged_at"]
        times = [step[hop] for hop in hops]
        assert times == sorted(times)
        assert step["latency_ms"] > 0
        assert (step["state"], step["attempts"]) == ("acknowledged", 1)
    assert lane["steps"][0]["portal_time"] == portal.dossiers[A].rows[0][0]


async def test_lanes_are_listed_by_what_they_do(portal: WirePortal, sync: Sync) -> None:
    portal.refuses = refusing(A)  # type: ignore[assignment]
    await sync.hear(*(status_event(code_of(number), 1, 2) for number in range(1, 8)))
    await sync.drained()
    portal.away = True
    await sync.hear(*(status_event(code_of(number), 2, 4) for number in range(5, 8)))

    async def listed(state: str) -> list[str]:
        codes, cursor = [], ""
        while True:
            page = await got(sync, f"/v1/lanes?limit=2&state={state}{cursor}")
            codes += [lane["code"] for lane in page["items"]]
            assert all(lane["state"] == state for lane in page["items"])
            if page["next_cursor"] is None:
                return codes
            cursor = f"&cursor={page['next_cursor']}"

    assert await listed("parked") == [A]
    assert await listed("waiting") == [code_of(number) for number in (5, 6, 7)]
    assert await listed("ok") == [code_of(number) for number in (2, 3, 4)]
    assert len((await got(sync, "/v1/lanes"))["items"]) == 7


async def test_a_lane_has_waited_since_its_oldest_status(portal: WirePortal, sync: Sync) -> None:
    portal.away = True
    first, second = history(A, 2, 4)
    await sync.hear(first)
    await sync.hear(second)
    waiting = (await got(sync, f"/v1/lanes/{A}"))["waiting_since"]
    assert datetime.fromisoformat(waiting) == first.time
    oldest = (await got(sync, "/v1/status"))["oldest_waiting_since"]
    assert datetime.fromisoformat(oldest) == first.time
    portal.away = False
    await sync.drained()
    assert (await got(sync, f"/v1/lanes/{A}"))["waiting_since"] is None


async def test_a_resync_sends_everything_again_and_announces_nothing_twice(portal: WirePortal, sync: Sync) -> None:
    await sync.hear(*history(A, 2, 4, 9))
    await sync.drained()
    portal.dossiers.clear()
    before = await got(sync, f"/v1/lanes/{A}")
    response = await sync.client.post(f"/v1/lanes/{A}/resync")
    assert (response.status_code, response.json()["state"]) == (202, "waiting")
    await sync.drained()
    assert portal.dossiers[A].statuses == [2, 4, 9]
    assert await got(sync, f"/v1/lanes/{A}") == before
    assert len(await sync.announced()) == 1
    await sync.hear(status_event(A, 4, 10))
    await sync.drained()
    assert portal.dossiers[A].statuses == [2, 4, 9, 10]
    assert [event[2] for event in await sync.announced()] == [1, 2]
    assert sync.engine.lanes.backlog == 0


async def test_a_letter_is_shown_without_anything_personal(portal: WirePortal, sync: Sync) -> None:
    portal.refuses = refusing(A)  # type: ignore[assignment]
    await sync.hear(status_event(A, 1, 2))
    await sync.drained()
    letter = await letter_of(sync, A)
    assert (letter["number"], letter["verb"], letter["error_code"]) == (1, "DongBoHoSoMC", "-1")
    detail = await sync.client.get(f"/v1/dead-letters/{letter['id']}")
    assert detail.json()["payload"]["MaHoSo"] == A
    assert detail.json()["payload"]["ChuHoSo"].startswith("***")
    for personal in ("Nguyễn", "052090000123"):
        assert personal not in detail.text


async def test_a_retried_letter_brings_all_that_waited_behind_it(portal: WirePortal, sync: Sync) -> None:
    portal.refuses = refusing(A, "4")  # type: ignore[assignment]
    await sync.hear(*history(A, 2, 4, 9))
    await sync.drained()
    letter = await letter_of(sync, A)
    portal.refuses = lambda call: False
    response = await sync.client.post(f"/v1/dead-letters/{letter['id']}/retry")
    assert (response.status_code, response.json()["state"]) == (200, "retried")
    assert response.json()["closed_by"] == "test"
    await sync.drained()
    assert portal.dossiers[A].statuses == [2, 4, 9]
    assert (sync.engine.lanes.parked, sync.engine.lanes.backlog) == (0, 0)
    versions = [event[2] for event in await sync.announced()]
    assert versions == list(range(1, len(versions) + 1))
    again = await sync.client.post(f"/v1/dead-letters/{letter['id']}/retry")
    assert (again.status_code, again.json()["type"]) == (409, "urn:truc:problem:conflict")


async def test_a_refused_row_is_sent_as_it_was_put_right(portal: WirePortal, sync: Sync) -> None:
    wanted = "Đã kiểm tra, đủ thành phần"

    def dislikes(call: Call) -> bool:
        return any(
            row.get("TrangThai") == "4" and row.get("NoiDungXuLy") != wanted and "TenTTHC" not in row
            for row in call.get("data", [])
        )

    portal.refuses = dislikes
    await sync.hear(*history(A, 2, 4, 9))
    await sync.drained()
    letter = await letter_of(sync, A)
    assert letter["verb"] == "CapNhatTienDoHoSoMC"
    path = f"/v1/dead-letters/{letter['id']}/retry"
    for bad in ({"MaHoSo": "x"}, {"NguoiXuLy": "x" * 51}, {"NguoiXuLy": ""}):
        assert (await sync.client.post(path, json={"changes": bad})).status_code == 422
    done = await sync.client.post(path, json={"changes": {"NoiDungXuLy": wanted}})
    assert (done.status_code, done.json()["state"]) == (200, "retried"), done.text
    await sync.drained()
    assert portal.dossiers[A].statuses == [2, 4, 9]
    assert sync.engine.lanes.parked == 0


async def test_only_a_row_of_progress_is_changed_here(portal: WirePortal, sync: Sync) -> None:
    portal.refuses = refusing(A)  # type: ignore[assignment]
    await sync.hear(status_event(A, 1, 2))
    await sync.drained()
    letter = await letter_of(sync, A)
    path = f"/v1/dead-letters/{letter['id']}/retry"
    refused = await sync.client.post(path, json={"changes": {"NoiDungXuLy": "x"}})
    assert refused.status_code == 409
    assert (await letter_of(sync, A))["state"] == "open", "nothing was done"


async def test_letters_are_found_by_verb_and_error(portal: WirePortal, sync: Sync) -> None:
    portal.refuses = refusing(A)  # type: ignore[assignment]
    await sync.hear(status_event(A, 1, 2))
    await sync.drained()
    for query, found in (
        ({"verb": "DongBoHoSoMC"}, 1),
        ({"verb": "CapNhatTienDoHoSoMC"}, 0),
        ({"error_code": "-1", "state": "open"}, 1),
        ({"error_code": "-9"}, 0),
    ):
        page = await sync.client.get("/v1/dead-letters", params=query)
        assert len(page.json()["items"]) == found, query


async def test_letters_in_any_state_come_the_newest_first_page_by_page(portal: WirePortal, sync: Sync) -> None:
    portal.refuses = lambda call: "data" in call
    await sync.hear(*(status_event(code_of(number), 1, 2) for number in range(7)))
    await sync.drained()
    all_of_them = [each["id"] for each in (await got(sync, "/v1/dead-letters"))["items"]]
    for place in (1, 4):
        path = f"/v1/dead-letters/{all_of_them[place]}/discard"
        assert (await sync.client.post(path, json={"reason": "không cần nữa"})).status_code == 200
    for query in ("verb=DongBoHoSoMC", "error_code=-1", "verb=DongBoHoSoMC&error_code=-1"):
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = await got(sync, f"/v1/dead-letters?{query}&limit=3" + (f"&cursor={cursor}" if cursor else ""))
            found += [each["id"] for each in page["items"]]
            cursor = page["next_cursor"]
        assert found == all_of_them, query


async def test_a_letter_refused_again_is_a_new_letter(portal: WirePortal, sync: Sync) -> None:
    portal.refuses = refusing(A)  # type: ignore[assignment]
    await sync.hear(status_event(A, 1, 2))
    await sync.drained()
    first = await letter_of(sync, A)
    await sync.client.post(f"/v1/dead-letters/{first['id']}/retry")
    await sync.drained()
    assert (await letter_of(sync, A))["id"] != first["id"]
    assert sync.engine.lanes.parked == 1


async def test_many_letters_are_retried_at_once(portal: WirePortal, sync: Sync) -> None:
    portal.refuses = lambda call: "data" in call
    await sync.hear(*(status_event(code_of(number), 1, 2) for number in range(6)))
    await sync.drained()
    assert sync.engine.lanes.parked == 6
    none = await sync.client.post("/v1/dead-letters/retry", json={"error_code": "-9"})
    assert (none.status_code, none.json()) == (202, {"letters": 0})
    portal.refuses = lambda call: False
    taken = await sync.client.post("/v1/dead-letters/retry", json={"verb": "DongBoHoSoMC", "error_code": "-1"})
    assert taken.json() == {"letters": 6}
    await eventually(lambda: len(portal.dossiers) == 6 and sync.engine.lanes.backlog == 0)
    assert sync.engine.lanes.parked == 0
    assert (await got(sync, "/v1/dead-letters?state=open"))["items"] == []


async def test_a_discarded_row_is_left_out_and_the_rest_goes_on(portal: WirePortal, sync: Sync) -> None:
    portal.refuses = refusing(A, "5")  # type: ignore[assignment]
    await sync.hear(*history(A, 2, 4, 5, 9))
    await sync.drained()
    letter = await letter_of(sync, A)
    short = await sync.client.post(f"/v1/dead-letters/{letter['id']}/discard", json={"reason": "no"})
    assert (short.status_code, short.json()["errors"][0]["field"]) == (422, "body.reason")
    response = await sync.client.post(
        f"/v1/dead-letters/{letter['id']}/discard", json={"reason": "Cổng không nhận trạng thái này"}
    )
    assert (response.status_code, response.json()["state"]) == (200, "discarded")
    await sync.drained()
    assert portal.dossiers[A].statuses == [2, 4, 9]
    lane = await got(sync, f"/v1/lanes/{A}")
    assert [step["state"] for step in lane["steps"]] == ["acknowledged"] * 2 + ["discarded", "acknowledged"]
    assert lane["state"] == "ok"
    assert sync.engine.lanes.backlog == 0


async def test_a_discarded_dossier_takes_its_steps_along_and_later_ones_are_tried(
    portal: WirePortal, sync: Sync
) -> None:
    portal.refuses = refusing(A)  # type: ignore[assignment]
    await sync.hear(status_event(A, 1, 2))
    await sync.drained()
    letter = await letter_of(sync, A)
    await sync.client.post(f"/v1/dead-letters/{letter['id']}/discard", json={"reason": "nhập sai mã"})
    portal.refuses = lambda call: False
    await sync.drained()
    assert (A in portal.dossiers, sync.engine.lanes.backlog) == (False, 0)
    await sync.hear(status_event(A, 2, 2))
    await sync.drained()
    assert portal.dossiers[A].statuses == [2]


async def test_a_lane_with_a_send_under_way_is_not_changed_behind_its_back(portal: WirePortal, sync: Sync) -> None:
    portal.away = True
    await sync.hear(status_event(A, 1, 2))
    await eventually(lambda: sync.engine.lanes.sending > 0 or sync.engine.lanes.pausing > 0)
    portal.away = False
    response = await sync.client.post(f"/v1/lanes/{A}/resync")
    assert response.status_code == 202
    await sync.drained()
    assert portal.dossiers[A].statuses == [2]
    assert [event[0] for event in await sync.announced()] == [ACKNOWLEDGED]


async def test_the_status_tells_backlog_breaker_and_latency(portal: WirePortal, sync: Sync) -> None:
    await sync.hear(*history(A, 2, 4))
    await sync.drained()
    portal.away = True
    await sync.hear(status_event(B, 1, 2))
    status = await got(sync, "/v1/status")
    assert (status["profile"], status["backlog"], status["acknowledged"]) == ("strict", 1, 2)
    assert status["latency_ms"]["p50"] <= status["latency_ms"]["p99"]
    assert status["oldest_s"] > 0
    assert status["logged_in"] is True
    assert sum(status["lanes"][state] for state in ("ready", "sending", "pausing")) == 1
    await eventually(lambda: sync.engine.client.breaker.state.value == "open")
    assert (await got(sync, "/v1/status"))["breaker"] in ("open", "half_open")


@pytest.mark.parametrize(
    ("method", "path", "status", "field"),
    [
        ("GET", f"/v1/lanes/{B}", 404, "path.code"),
        ("GET", "/v1/lanes/x%20y", 422, "path.code"),
        ("GET", "/v1/lanes?state=gone", 422, "query.state"),
        ("GET", "/v1/lanes?cursor=rubbish", 400, "query.cursor"),
        ("GET", "/v1/dead-letters/0", 404, "path.id"),
        ("POST", f"/v1/lanes/{B}/resync", 404, "path.code"),
        ("POST", "/v1/dead-letters/0/retry", 404, "path.id"),
        ("GET", "/v1/reconciliations/0", 404, "path.id"),
        ("POST", "/v1/reconciliations/0/repair", 404, "path.id"),
    ],
)
async def test_bad_input_names_the_field(sync: Sync, method: str, path: str, status: int, field: str) -> None:
    response = await sync.client.request(method, path, json={} if method == "POST" else None)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["errors"][0]["field"] == field


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/v1/status", "sync:read"),
        ("GET", "/v1/lanes", "sync:read"),
        ("GET", "/v1/dead-letters", "sync:read"),
        ("GET", "/v1/reconciliations", "sync:read"),
        ("POST", f"/v1/lanes/{A}/resync", "sync:repair"),
        ("POST", "/v1/dead-letters/0/retry", "sync:repair"),
        ("POST", "/v1/reconciliations", "sync:repair"),
    ],
)
async def test_every_route_needs_its_scope(
    portal: WirePortal, sync: Sync, token_for: Callable[..., str], method: str, path: str, scope: str
) -> None:
    other = {"sync:read": "sync:repair", "sync:repair": "sync:read"}[scope]
    for header, status in ((f"Bearer {token_for(other)}", 403), ("", 401)):
        response = await sync.client.request(method, path, headers={"Authorization": header})
        assert response.status_code == status
