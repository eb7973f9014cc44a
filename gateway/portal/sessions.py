"""Sessions of the wire: opaque strings that run out, bound to an account and its unit.

They live in memory only. A restart ends them all, which real clients have to bear anyway: they log in again
when they are told to.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.portal.settings import Account

MAX_OPEN = 10_000
"""Sessions one process keeps; beyond it the oldest end."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    unit: str
    username: str
    until: datetime


class SessionBook:
    """The open sessions. For one event loop."""

    def __init__(self, accounts: Iterable[Account], lifetime: timedelta) -> None:
        self._accounts = {each.username: each for each in accounts}
        self._lifetime = lifetime
        self._open: dict[str, OpenSession] = {}

    def open(self, username: str, password: str, now: datetime) -> str | None:
        """A new session, or None if name and password do not belong together."""
        account = self._accounts.get(username)
        known = account.password.get_secret_value() if account else secrets.token_hex()
        right = hmac.compare_digest(known.encode(), password.encode())
        if account is None or not right:
            return None
        self._forget_the_old(now)
        token = secrets.token_urlsafe(24)
        self._open[token] = OpenSession(account.unit, username, now + self._lifetime)
        return token

    def find(self, token: str, now: datetime) -> OpenSession | None:
        """The session behind a token, unless it has run out."""
        found = self._open.get(token)
        if found is not None and found.until <= now:
            del self._open[token]
            return None
        return found

    def end(self, token: object) -> None:
        """End a session now; anything that is no open session is ignored."""
        if isinstance(token, str):
            self._open.pop(token, None)

    def __len__(self) -> int:
        return len(self._open)

    def _forget_the_old(self, now: datetime) -> None:
        for token in [token for token, each in self._open.items() if each.until <= now]:
            del self._open[token]
        while len(self._open) >= MAX_OPEN:
            del self._open[next(iter(self._open))]
