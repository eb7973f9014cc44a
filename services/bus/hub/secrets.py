"""Members' secrets: made, hashed with scrypt and a salt of their own, and checked without becoming a weapon.

A check costs a tenth of a second of processor time on purpose, so it runs in a small pool beside the event
loop, its outcome is remembered for a minute, and a client id can have only so many under way. A plain secret
is never stored, logged or kept in memory: what is remembered is a keyed digest of it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import os
import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

LOG2_N: Final = 14
R: Final = 8
P: Final = 1
_MAX_MEMORY: Final = 256 * 1024 * 1024


def new_secret() -> str:
    """256 random bits, in characters that need no escaping anywhere."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """`scrypt$ln=14,r=8,p=1$<salt>$<hash>`, both parts in base64: the parameters travel with the hash."""
    salt = os.urandom(16)
    return _encoded(salt, _scrypt(secret, salt, LOG2_N, R, P))


def matches_hash(secret: str, stored: str) -> bool:
    """Whether `stored` is a hash of `secret`, compared in constant time."""
    _, parameters, salt, digest = stored.split("$")
    n, r, p = (int(part.partition("=")[2]) for part in parameters.split(","))
    return hmac.compare_digest(_scrypt(secret, base64.b64decode(salt), n, r, p), base64.b64decode(digest))


def _scrypt(secret: str, salt: bytes, log2_n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=2**log2_n, r=r, p=p, maxmem=_MAX_MEMORY, dklen=32)


def _encoded(salt: bytes, digest: bytes) -> str:
    parts = "$".join(base64.b64encode(part).decode("ascii") for part in (salt, digest))
    return f"scrypt$ln={LOG2_N},r={R},p={P}${parts}"


class TooManyChecksError(Exception):
    """Too many different secrets are being tried for this client id; try again in a moment."""


class SecretChecker:
    """Checks secrets off the event loop. Unknown client ids cost as much as known ones and share a lane."""

    def __init__(
        self,
        *,
        remembered_for: float = 60.0,
        remembered: int = 1024,
        pending_per_client: int = 8,
        threads: int = 2,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._remembered_for = remembered_for
        self._remembered = remembered
        self._pending_per_client = pending_per_client
        self._clock = clock
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="secrets")
        self._digest_key = os.urandom(32)
        self._decoy = _encoded(os.urandom(16), os.urandom(32))
        self._known: OrderedDict[bytes, tuple[float, bool]] = OrderedDict()
        self._running: dict[bytes, asyncio.Future[bool]] = {}
        self._pending: Counter[str] = Counter()

    async def matches(self, client_id: str, secret: str, stored: str | None) -> bool:
        """Whether `secret` is the one whose hash is `stored`; None stands for a client id nobody has.

        Raises `TooManyChecksError` when this client id has too many checks under way.
        """
        lane = "" if stored is None else client_id
        target = self._decoy if stored is None else stored
        # the stored hash is part of the digest, so a rotated secret is forgotten at once
        digest = hmac.digest(self._digest_key, f"{target}\0{secret}".encode(), "sha256")
        known = self._known.get(digest)
        if known is not None and known[0] > self._clock():
            return known[1]
        running = self._running.get(digest)
        if running is None:
            running = self._start(lane, digest, secret, target)
        return await asyncio.shield(running)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self, lane: str, digest: bytes, secret: str, target: str) -> asyncio.Future[bool]:
        if self._pending[lane] >= self._pending_per_client:
            raise TooManyChecksError
        self._pending[lane] += 1
        running = asyncio.get_running_loop().run_in_executor(self._pool, matches_hash, secret, target)
        self._running[digest] = running

        def ended(future: asyncio.Future[bool]) -> None:
            del self._running[digest]
            self._pending[lane] -= 1
            if not self._pending[lane]:
                del self._pending[lane]
            if not future.cancelled() and future.exception() is None:
                self._remember(digest, future.result())

        running.add_done_callback(ended)
        return running

    def _remember(self, digest: bytes, outcome: bool) -> None:
        self._known[digest] = (self._clock() + self._remembered_for, outcome)
        self._known.move_to_end(digest)
        if len(self._known) > self._remembered:
            self._known.popitem(last=False)
