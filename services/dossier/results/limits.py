"""How often one address may ask by code: against guessing, and against having papers typeset all day.

A bucket of allowances a key, filled again evenly over a minute, in memory. Where an address is one of many of
the same holder (IPv6), the holder's network counts.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from fastapi import Request

from contracts.problems import TOO_MANY_REQUESTS, Problem
from services.dossier.results.settings import ResultSettings

MAX_KEYS: Final = 50_000


class Allowance:
    """`per_minute` events a key, at once if it was quiet; 0 allows everything."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, key: str) -> int:
        """Whole seconds until one more is allowed; 0 is now."""
        if not self._per_minute:
            return 0
        over = self._spent(key) + 1 - self._per_minute
        return math.ceil(over * 60 / self._per_minute) if over > 1e-9 else 0

    def spend(self, key: str) -> None:
        """Count one event."""
        if self._per_minute:
            self._used[key] = (self._spent(key) + 1, self._clock())
            self._used.move_to_end(key)
            if len(self._used) > MAX_KEYS:
                self._used.popitem(last=False)

    def _spent(self, key: str) -> float:
        spent, at = self._used.get(key, (0.0, 0.0))
        return max(0.0, spent - (self._clock() - at) * self._per_minute / 60)


class Limits:
    """What an address may do with codes: look, and be wrong."""

    def __init__(self, settings: ResultSettings) -> None:
        self.looks = Allowance(settings.verifications_per_minute)
        self.wrong = Allowance(settings.wrong_codes_per_minute)

    def look(self, request: Request) -> str:
        """Count one look of the address behind this request, and return it. Raises TOO_MANY_REQUESTS, also
        after too many wrong codes."""
        key = address_of(request)
        wait = max(self.looks.wait(key), self.wrong.wait(key))
        if wait:
            raise Problem(TOO_MANY_REQUESTS, retry_after=wait)
        self.looks.spend(key)
        return key


def address_of(request: Request) -> str:
    """Whom to count: an IPv4 address, or the /64 of an IPv6 one."""
    host = request.client.host if request.client is not None else "unknown"
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((int(address), 64), strict=False))
    return str(address.ipv4_mapped or address) if isinstance(address, IPv6Address) else host
