"""What an operator can ask of any service: what it holds back, page by page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.bus.kit.paging import Cursor
from services.bus.kit.service import Service
from services.bus.kit.tables import Held

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
Ask = Callable[..., Any]


def held(key: str, version: int, state: str, age_s: int) -> Held:
    return Held(
        consumer="tiny-test", key=key, version=version, state=state, reason=None, attempts=1,
        held_at=NOW - timedelta(seconds=age_s), published_at=None, payload=b"{}",
    )  # fmt: skip


@pytest.fixture
async def ask(app: FastAPI, token_for: Callable[..., str]) -> Ask:
    """GET of what is held; eleven dead letters, some of one moment, and one event behind the first."""
    service: Service = app.state.service
    dead = [held(f"k{place:02}", 1, "dead", 100 - place // 3) for place in range(11)]
    await service.store.write(lambda tx: tx.add_all([*reversed(dead), held("k00", 2, "waiting", 500)]))

    async def get(**query: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        headers = {"Authorization": f"Bearer {token_for('axis:read')}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://here", headers=headers) as client:
            return await client.get("/v1/axis/held", params=query)

    return get


async def every_page(ask: Ask, **query: Any) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    cursor: str | None = None
    while True:
        page = (await ask(limit=2, **query, **({"cursor": cursor} if cursor else {}))).json()
        found += [(each["key"], each["version"]) for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def test_those_of_one_state_come_the_oldest_first(ask: Ask) -> None:
    assert await every_page(ask, state="dead") == [(f"k{place:02}", 1) for place in range(11)]
    assert await every_page(ask, state="waiting") == [("k00", 2)]


async def test_all_of_them_come_by_key(ask: Ask) -> None:
    assert await every_page(ask) == [("k00", 1), ("k00", 2), *((f"k{place:02}", 1) for place in range(1, 11))]


@pytest.mark.parametrize("values", [["tiny-test", "k00", 1], [2**62, "tiny-test", "k00", 1], [1, 2, 3, 4]])
async def test_a_cursor_of_another_list_is_refused(ask: Ask, values: list[str | int]) -> None:
    answer = await ask(state="dead", cursor=Cursor.encode(values))
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:truc:problem:bad-cursor")
