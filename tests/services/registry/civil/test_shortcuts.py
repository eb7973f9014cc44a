"""The busy looks of the civil registry answer by the shortcut what they answer by the ordinary way."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.bus.kit.arguments import Arguments, Asked, NotPlainError
from tests.services.registry.civil.acts import birth

pytestmark = pytest.mark.anyio

LOOKS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/v1/records/{id}", {}),
    ("/v1/records/{id}?as_of=2020-01-01", {}),
    ("/v1/records/{id}?as_of=yesterday", {}),
    ("/v1/records/none", {}),
    ("/v1/records/{id}/duplicates", {}),
    ("/v1/records/{id}/duplicates?limit=51", {}),
    ("/v1/records?name=nguyen*", {}),
    ("/v1/records?name=nguyen*&limit=1", {}),
    ("/v1/records?kind=birth&from=2020-01-01", {}),
    ("/v1/records?kind=divorce", {}),
    ("/v1/records?limit=1&limit=2", {}),
    ("/v1/records?cursor=nonsense", {}),
    ("/v1/records?name=a", {"X-Purpose": "nonsense"}),
    ("/v1/records?name=a", {"X-Agency": "nonsense"}),
    ("/v1/records?name=a", {"Authorization": "Bearer x"}),
)


async def test_every_look_is_answered_the_same_both_ways(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    born = (await client.post("/v1/births", json=birth())).json()
    taken: list[str] = []
    closed = False
    arguments_of = Arguments.of

    async def watched(arguments: Arguments, asked: Asked) -> dict[str, Any]:
        if closed:
            raise NotPlainError
        values = await arguments_of(arguments, asked)
        if "caller" in values:
            taken.append(str(asked.request.url))
        return values

    monkeypatch.setattr(Arguments, "of", watched)

    async def answers() -> list[tuple[int, str | None, Any]]:
        found = []
        for address, headers in LOOKS:
            answer = await client.get(address.format(id=born["id"]), headers=headers)
            found.append((answer.status_code, answer.headers.get("etag"), answer.json()))
        return found

    short = await answers()
    plain = [address for (address, _), (status, *_) in zip(LOOKS, short, strict=True) if status in (200, 404)]
    assert len(taken) == len(plain)  # without the limit given twice, with the cursor nobody gave out
    closed = True
    assert await answers() == short
    assert {status for status, *_ in short} == {200, 400, 401, 404, 422}
