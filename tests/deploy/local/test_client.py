"""Tokens are fetched once, renewed before they expire, and a refusal is a sentence."""

from __future__ import annotations

import asyncio
import base64
from urllib.parse import parse_qs

import httpx
import pytest

from deploy.local.client import RENEW_BEFORE_S, Axis, MemberAuth, find_member
from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from deploy.local.secrets import Member, ensure_members
from deploy.local.topology import Person

pytestmark = pytest.mark.anyio

CLERK = Member("clerk", "A clerk", "secret", ["dossier:read"])
HUB = "http://hub"


class Hub:
    """Answers as a hub and as a service behind it, and counts."""

    def __init__(self, lifetime_s: float = 3600, refuses: httpx.Response | None = None) -> None:
        self.lifetime_s = lifetime_s
        self.refuses = refuses
        self.issued = 0
        self.seen: list[str] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path != "/oauth/token":
            self.seen.append(request.headers["Authorization"])
            return httpx.Response(200)
        if self.refuses is not None:
            return self.refuses
        secret = base64.b64encode(f"{CLERK.client_id}:{CLERK.secret}".encode()).decode()
        assert request.headers["Authorization"] == f"Basic {secret}"
        assert parse_qs(request.content.decode()) == {"grant_type": ["client_credentials"]}
        self.issued += 1
        return httpx.Response(200, json={"access_token": f"t{self.issued}", "expires_in": self.lifetime_s})

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self), auth=MemberAuth(HUB, CLERK))


async def test_one_token_serves_many_calls_at_once() -> None:
    hub = Hub()
    async with hub.client() as http:
        await asyncio.gather(*(http.get("http://service/v1/things") for _ in range(20)))
    assert hub.issued == 1
    assert hub.seen == ["Bearer t1"] * 20


async def test_a_token_about_to_expire_is_renewed() -> None:
    hub = Hub(lifetime_s=RENEW_BEFORE_S)
    async with hub.client() as http:
        await http.get("http://service/a")
        await http.get("http://service/b")
    assert hub.seen == ["Bearer t1", "Bearer t2"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(401, json={"error": "invalid_client"}), "HTTP 401, invalid_client"),
        (
            httpx.Response(401, json={"error": "x", "error_description": "wrong secret"}),
            "HTTP 401, wrong secret",
        ),
        (httpx.Response(502, text="<html>"), "HTTP 502, no reason given"),
        (httpx.Response(200, json={"expires_in": 5}), "HTTP 200, no reason given"),
        (httpx.Response(200, json=[]), "HTTP 200, no reason given"),
    ],
)
async def test_a_hub_that_refuses_is_quoted(answer: httpx.Response, reason: str) -> None:
    async with Hub(refuses=answer).client() as http:
        with pytest.raises(RunnerError) as caught:
            await http.get("http://service/a")
    assert f"gave no token to clerk ({reason}" in caught.value.message


def test_a_member_is_found_or_those_there_are_are_listed(layout: Layout) -> None:
    with pytest.raises(RunnerError, match="no members in"):
        find_member(layout, "clerk")
    ensure_members(layout, [], [Person("clerk", "", frozenset()), Person("boss", "", frozenset())])
    assert find_member(layout, "clerk").client_id == "clerk"
    with pytest.raises(RunnerError, match=r"no member nobody\. There are: boss, clerk\."):
        find_member(layout, "nobody")


def test_where_nothing_runs_the_user_is_told_how_to_start_it(layout: Layout) -> None:
    with pytest.raises(RunnerError, match=rf"Nothing is running on {layout.root}\. Start it with `truc up`"):
        Axis.at(layout)
