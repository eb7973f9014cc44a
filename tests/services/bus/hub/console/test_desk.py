"""What operators do: their role now decides, everything is written down, the other process is told who it is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from services.bus.hub.console.desk import Desk
from services.bus.hub.console.remote import Remote
from services.bus.hub.operators import commands, queries
from services.bus.hub.operators.queries import Somebody
from services.bus.hub.operators.roles import Role
from services.bus.hub.operators.schemas import OperatorChange
from services.bus.kit.access_token import check, key_id
from services.bus.kit.http import HttpClient
from tests.services.bus.hub.conftest import NOW
from tests.services.bus.hub.operators.conftest import ISSUER, Door, door, door_settings

__all__ = ["door", "door_settings"]

pytestmark = pytest.mark.anyio


class Sync:
    """Stands where sync would: it notes who calls, and answers what it is told to."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.calls: list[tuple[str, str, Any]] = []
        self.status = 200
        self.app.add_api_route("/v1/{path:path}", self.answer, methods=["GET", "POST"])

    async def answer(self, path: str, request: Request) -> Any:
        from fastapi.responses import JSONResponse

        self.calls.append((path, request.headers["authorization"].removeprefix("Bearer "), request.headers))
        body = {"letters": 3} if self.status == 200 else {"detail": "đã đóng rồi", "title": "x"}
        return JSONResponse(body, self.status)


@pytest.fixture
async def sync(door: Door) -> AsyncIterator[Sync]:
    stand_in = Sync()
    settings = door.service.extra["hub"].settings
    settings.sync_url = "http://sync"
    before = door.service.http
    async with HttpClient(transport=httpx.ASGITransport(stand_in.app)) as http:
        door.service.http = http
        yield stand_in
        door.service.http = before


async def somebody(door: Door, role: Role) -> Somebody:
    await door.add("anh", role)
    await door.log_in("anh")
    found: Somebody = await door.who()
    return found


async def act(door: Door, by: Somebody, reason: str | None = None) -> Any:
    desk: Desk = door.service.extra["console"].desk

    async def call(remote: Remote, by: Somebody) -> Any:
        return await remote.post(by, "sync", "/v1/dead-letters/retry", "vi", {})

    return await desk.act(by, "letters.retry", "verb=*", call, language="vi", reason=reason)


async def actions(door: Door) -> list[Any]:
    page = await door.service.store.read(lambda tx: queries.actions(tx))
    return list(page.items)


async def test_an_operator_acts_in_her_own_name(door: Door, sync: Sync) -> None:
    outcome = await act(door, await somebody(door, "operator"), "thử lại sau khi sửa")
    assert outcome.done and outcome.answer == {"letters": 3}
    [(_, token, headers)] = sync.calls
    assert "idempotency-key" in headers
    ring = door.service.extra["hub"].ring
    from datetime import timedelta

    caller = check(token, ring.public(key_id(token), NOW), issuer=ISSUER, now=NOW, leeway=timedelta())
    assert (caller.client_id, caller.subject) == ("console", "operator:anh")
    assert "sync:repair" in caller.scopes and "hub:members" not in caller.scopes
    [noted] = await actions(door)
    assert (noted.who, noted.role, noted.what, noted.target) == ("anh", "operator", "letters.retry", "verb=*")
    assert (noted.outcome, noted.reason) == ("done", "thử lại sau khi sửa") and noted.ended_at is not None


async def test_a_viewer_is_refused_and_that_is_noted(door: Door, sync: Sync) -> None:
    outcome = await act(door, await somebody(door, "viewer"))
    assert not outcome.done and sync.calls == []
    [noted] = await actions(door)
    assert (noted.who, noted.outcome) == ("anh", "refused")


async def test_the_role_of_now_counts_and_not_that_of_the_login(door: Door, sync: Sync) -> None:
    by = await somebody(door, "operator")
    change = OperatorChange(role="viewer")
    await door.service.store.write(lambda tx: commands.change_operator(tx, "anh", change, expected=None, now=NOW))
    assert not (await act(door, by)).done and sync.calls == []


async def test_after_the_session_nothing_is_done(door: Door, sync: Sync) -> None:
    by = await somebody(door, "operator")
    await door.service.store.write(lambda tx: commands.end_session(tx, by.id_hash))
    outcome = await act(door, by)
    assert not outcome.done and sync.calls == [] and await actions(door) == []


@pytest.mark.parametrize(("status", "kind"), [(409, "refused"), (500, "failed")])
async def test_what_did_not_work_is_told_and_noted(door: Door, sync: Sync, status: int, kind: str) -> None:
    sync.status = status
    outcome = await act(door, await somebody(door, "operator"))
    assert not outcome.done and outcome.text == "đã đóng rồi"
    [noted] = await actions(door)
    assert (noted.outcome, noted.said) == (kind, "đã đóng rồi")


async def test_a_process_that_does_not_run_is_said_to(door: Door) -> None:
    by = await somebody(door, "operator")
    outcome = await act(door, by)
    assert not outcome.done and "không chạy ở đây" in outcome.text
