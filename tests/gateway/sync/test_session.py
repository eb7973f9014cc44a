"""The session: one login for all, again when refused, and patience with a wrong password."""

from __future__ import annotations

import asyncio
import json

import pytest

from gateway.sync.outcomes import Delivered, Outcome, Refused, Retry, Trouble
from gateway.sync.session import Session

pytestmark = pytest.mark.anyio


class Door:
    """Answers logins by script, then with fresh sessions; `clock` stands still between them."""

    def __init__(self, *script: tuple[Outcome, bytes]) -> None:
        self.script = list(script)
        self.logins: list[float] = []

    async def __call__(self) -> tuple[Outcome, bytes]:
        self.logins.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0)
        if self.script:
            return self.script.pop(0)
        return Delivered(), json.dumps({"error_code": "0", "session": f"s{len(self.logins)}"}).encode()


async def test_many_who_wait_share_one_login() -> None:
    door = Door()
    session = Session(door)
    assert await asyncio.gather(*(session.token() for _ in range(10))) == ["s1"] * 10
    assert await session.token() == "s1"
    assert len(door.logins) == 1


async def test_a_refused_session_is_replaced_once() -> None:
    door = Door()
    session = Session(door)
    token = await session.token()
    assert token == "s1"
    session.refused("s1")
    assert await session.token() == "s2"
    session.refused("s1")  # told late: somebody has replaced it already
    assert await session.token() == "s2"
    assert len(door.logins) == 2


async def test_a_portal_that_is_away_gives_a_retry_and_no_hold() -> None:
    trouble = Retry(Trouble.TRANSPORT, "gone")
    session = Session(Door((trouble, b"")))
    assert await session.token() == trouble
    assert await session.token() == "s2"


@pytest.mark.parametrize(
    ("outcome", "answer"),
    [
        (Refused(frozenset(), "-1", "Mật khẩu không đúng"), b"{}"),
        (Delivered(), b'{"error_code":"0"}'),
        (Delivered(), b'{"error_code":"0","session":""}'),
        (Delivered(), b"<html>"),
    ],
)
async def test_after_a_refused_login_the_next_one_waits(outcome: Outcome, answer: bytes) -> None:
    now = 0.0
    door = Door((outcome, answer))
    session = Session(door, clock=lambda: now)
    refused = await session.token()
    assert isinstance(refused, Retry) and refused.trouble is Trouble.SESSION
    waiting = [asyncio.create_task(session.token()) for _ in range(5)]
    await asyncio.sleep(0.05)
    assert len(door.logins) == 1
    assert await asyncio.gather(*waiting) == ["s2"] * 5
    assert door.logins[1] - door.logins[0] >= 0.95
