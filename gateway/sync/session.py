"""The session at the portal: one login at a time, its outcome shared by all who wait; kept in memory only.

After a login that was refused the next one waits, longer each time, and everybody who needs a session waits
with it: a wrong password must not lock the province's account. The password goes to the portal and nowhere
else.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson
import structlog

from gateway.sync.outcomes import Delivered, Outcome, Retry, Trouble
from services.bus.kit.single_flight import SingleFlight

log = structlog.get_logger(__name__)

FIRST_HOLD_S: Final = 1.0
LONGEST_HOLD_S: Final = 30.0

Login = Callable[[], Awaitable[tuple[Outcome, bytes]]]
"""One try to log in: what became of it, and the answer."""


class Session:
    """The portal's opaque session string, obtained when it is needed and again when it was refused."""

    def __init__(self, login: Login, clock: Callable[[], float] = time.monotonic) -> None:
        self._login = login
        self._clock = clock
        self._current: str | None = None
        self._flight = SingleFlight(self._obtain)
        self._hold_until = 0.0
        self._hold = 0.0

    @property
    def current(self) -> str | None:
        """The session in use, None if there is none."""
        return self._current

    async def token(self) -> str | Retry:
        """The session to send, or why there is none."""
        return self._current or await self._flight.join()

    def refused(self, token: str) -> None:
        """The portal no longer takes this one. A newer one stays."""
        if self._current == token:
            self._current = None

    async def aclose(self) -> None:
        """Give up a login under way."""
        await self._flight.aclose()

    async def _obtain(self) -> str | Retry:
        if self._current is not None:
            return self._current
        await asyncio.sleep(max(0.0, self._hold_until - self._clock()))
        outcome, answer = await self._login()
        if isinstance(outcome, Retry):
            return outcome
        token = _session_in(answer) if isinstance(outcome, Delivered) else None
        if token is None:
            self._hold = min(LONGEST_HOLD_S, self._hold * 2 or FIRST_HOLD_S)
            self._hold_until = self._clock() + self._hold
            log.error("portal.login-refused", outcome=type(outcome).__name__, hold_s=self._hold)
            return Retry(Trouble.SESSION, "the portal refused the login")
        self._hold = 0.0
        self._current = token
        return token


def _session_in(answer: bytes) -> str | None:
    try:
        reply: Any = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return None
    token = reply.get("session") if isinstance(reply, dict) else None
    return token if isinstance(token, str) and token else None
