"""What sync tells of the comparison that never ends, and what is asked of it; in whose name, and written down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from services.bus.hub.console import continuous
from services.bus.hub.console.desk import Desk
from services.bus.hub.console.remote import Remote
from services.bus.hub.operators import queries
from services.bus.hub.operators.queries import Somebody
from services.bus.kit.http import HttpClient
from tests.services.bus.hub.console.making import NOW, difference, told
from tests.services.bus.hub.operators.conftest import Door, door, door_settings

__all__ = ["door", "door_settings"]

pytestmark = pytest.mark.anyio


class Sync:
    """Stands where sync would."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.app.add_api_route("/v1/reconciliations", self.rows, methods=["GET"])
        self.app.add_api_route("/v1/reconciliation{path:path}", self.answer, methods=["GET", "POST"])

    async def rows(self) -> Any:
        return {"items": [], "next_cursor": None}

    async def answer(self, path: str, request: Request) -> Any:
        self.asked.append((request.method, path, dict(request.query_params)))
        if path in ("", "/compare"):
            return told(2)
        if path == "/differences":
            closed = {"state": "repaired", "repair_by": "operator:an", "repair_at": NOW.isoformat()}
            more = {**closed, "closed_at": NOW.isoformat()} if request.query_params["state"] == "repaired" else {}
            return {"items": [difference(**more)], "next_cursor": "on"}
        if path == "/differences/repair":
            return JSONResponse({"dossiers": 1000, "left": 7}, 202)
        if path == "/differences/0af1/repair":
            return JSONResponse(difference(state="repairing"), 202)
        return JSONResponse({"title": "x", "detail": "không còn nữa"}, 409)


@pytest.fixture
async def sync(door: Door) -> AsyncIterator[Sync]:
    stand_in = Sync()
    door.service.extra["hub"].settings.sync_url = "http://sync"
    before = door.service.http
    async with HttpClient(transport=httpx.ASGITransport(stand_in.app)) as http:
        door.service.http = http
        yield stand_in
        door.service.http = before


async def operator(door: Door) -> Somebody:
    await door.add("an", "operator")
    await door.log_in("an")
    found: Somebody = await door.who()
    return found


async def test_what_sync_tells_is_read(door: Door, sync: Sync) -> None:
    by, remote = await operator(door), door.service.extra["console"].remote
    known = await continuous.state(remote, by)
    assert known.whole is not None and known.whole.finished_at == NOW and known.whole.alike == 10
    assert (known.lost, known.differing, known.open, known.asks_portal) == (2, {"portal": 2}, 2, True)
    found = await continuous.differences(remote, by, "open", "here")
    assert found.next_cursor == "on" and found.items[0].cause == "removed-at-portal"
    assert sync.asked[-1] == ("GET", "/differences", {"state": "open", "cursor": "here", "limit": "20"})
    [repaired] = (await continuous.differences(remote, by, "repaired", limit=10)).items
    assert (repaired.repair_by, repaired.repair_at, repaired.closed_at) == ("operator:an", NOW, NOW)


async def test_what_is_asked_of_sync_is_written_down(door: Door, sync: Sync) -> None:
    by, desk = await operator(door), door.service.extra["console"].desk
    assert isinstance(desk, Desk)

    async def act(what: str, call: Any) -> Any:
        return await desk.act(by, what, "H08", call, language="vi")

    async def one(remote: Remote, by: Somebody) -> Any:
        return await continuous.repair(remote, by, "0af1")

    async def none(remote: Remote, by: Somebody) -> Any:
        return await continuous.repair(remote, by, "ffff")

    assert (await act("differences.compare", continuous.compare)).answer.lost == 2
    assert (await act("difference.repair", one)).answer.state == "repairing"
    assert (await act("differences.repair", continuous.repair_all)).answer == continuous.Ordered(1000, 7)
    assert not (await act("difference.repair", none)).done
    assert [path for method, path, _ in sync.asked if method == "POST"] == [
        "/compare",
        "/differences/0af1/repair",
        "/differences/repair",
        "/differences/ffff/repair",
    ]
    page = await door.service.store.read(
        lambda tx: queries.actions(tx, who=None, target="H08", cursor=None, limit=10)
    )
    assert sorted((each.what, each.outcome) for each in page.items) == [
        ("difference.repair", "done"),
        ("difference.repair", "refused"),
        ("differences.compare", "done"),
        ("differences.repair", "done"),
    ]


async def test_the_overview_takes_its_verdict_from_it(door: Door, sync: Sync) -> None:
    snapshots = door.service.extra["console"].snapshots
    taken, compared = await snapshots._comparisons.now()
    assert compared is None and taken is not None and taken.lost == 2
    asked = len(sync.asked)
    await snapshots._comparisons.now()
    assert len(sync.asked) == asked, "everybody who looks is served from one answer"
    sync.app.router.routes.clear()
    snapshots.look_again()
    again, _ = await snapshots._comparisons.now()
    assert again is None or again == taken, "what cannot be asked stays as it was"
