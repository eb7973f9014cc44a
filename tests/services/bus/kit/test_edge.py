"""The outermost layer: what it refuses by itself is told like any other problem."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette

from services.bus.kit.edge import Edge
from services.bus.kit.errors import PROBLEM_JSON

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("address", ["/v1/records/%00", "/v1/records?name=a%00b"])
@pytest.mark.parametrize(("language", "word"), [("vi", "Địa chỉ"), ("en", "address")])
async def test_a_nul_byte_in_an_address_is_a_problem_like_any_other(
    address: str, language: str, word: str
) -> None:
    transport = httpx.ASGITransport(app=Edge(Starlette()))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        answer = await client.get(address, headers={"Accept-Language": language})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == PROBLEM_JSON
    assert "U+0000" in answer.json()["detail"]
    assert word in answer.json()["detail"]
