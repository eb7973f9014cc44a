"""The hub's public keys, kept in memory: from the hub, or from a file so that a service can start before it.

A key that is known needs no network. An unknown kid makes us ask the hub, but never more often than the
policy says and never twice for the same unknown kid within a while: strangers must not make us flood the hub.
When the hub cannot be reached, what is known stays in use.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

from services.bus.kit.access_token import PublicKey
from services.bus.kit.http import HttpClient
from services.bus.kit.http_errors import CallError
from services.bus.kit.single_flight import SingleFlight

_log = structlog.get_logger(__name__)

_KINDS = [("OKP", "Ed25519"), ("EC", "P-256")]


@dataclass(frozen=True, slots=True)
class JwksPolicy:
    """In seconds: least time between two requests to the hub for unknown kids; how long a kid is remembered
    as unknown (at most `unknown_kids`); time between two looks for withdrawn keys; time for a request.
    """

    refetch_after: float = 5.0
    unknown_for: float = 60.0
    unknown_kids: int = 1024
    refresh_every: float = 300.0
    budget: float = 2.0


class KeysUnavailableError(Exception):
    """The kid is unknown and the hub cannot be asked now: nobody can say whether the token is good."""


EAGER_S = 0.3
"""Pause between tries of a service that knows no key yet: the hub is starting beside it."""


class KeyCache:
    """Public keys by kid, from `url` and from `file`; without `http` the file is the only source.

    `on_withdrawn` is called when a key we knew is gone or has changed.
    """

    def __init__(
        self,
        url: str,
        http: HttpClient | None,
        *,
        file: Path | None = None,
        policy: JwksPolicy | None = None,
        clock: Callable[[], float] = time.monotonic,
        on_withdrawn: Callable[[], None] | None = None,
    ) -> None:
        self.policy = policy or JwksPolicy()
        self.on_withdrawn = on_withdrawn
        self._url = url
        self._http = http
        self._file = file
        self._clock = clock
        self._keys: dict[str, PublicKey] = {}
        self._unknown: OrderedDict[str, float] = OrderedDict()
        self._asked_at: float | None = None
        self._answered = False
        self._fetching = SingleFlight(self._fetch)
        self._read_file()

    @property
    def known(self) -> int:
        """How many keys are known here: none means that no token at all can be verified yet."""
        return len(self._keys)

    async def find(self, kid: str) -> PublicKey | None:
        """The key with this id, or None if the hub has no such key.

        Raises `KeysUnavailableError` if it is unknown here and the source does not answer.
        """
        key = self._keys.get(kid)
        if key is not None or self._unknown.get(kid, 0.0) > self._clock():
            return key
        asked = await self._ask_if_due()
        key = self._keys.get(kid)
        if key is None:
            if not self._answered:
                raise KeysUnavailableError
            if asked:
                self._remember_unknown(kid)
        return key

    async def look(self) -> None:
        """Ask the source now, together with whoever is asking already."""
        await self._fetching.join()

    async def keep_fresh(self) -> None:
        """Runs until cancelled: fetches now and then, so that a withdrawn key stops working here too."""
        while True:
            await self._fetching.join()
            patience = max(1.0, self.policy.refetch_after) if self._keys else EAGER_S
            await asyncio.sleep(self.policy.refresh_every if self._answered else patience)

    async def aclose(self) -> None:
        await self._fetching.aclose()

    async def _ask_if_due(self) -> bool:
        """Asks the source unless it was asked a moment ago; whether it was asked."""
        due = self._asked_at is None or self._clock() >= self._asked_at + self.policy.refetch_after
        if due or self._fetching.running:
            await self._fetching.join()
            return True
        return False

    async def _fetch(self) -> None:
        """Asks the hub; where there is none, or it is away, the file may have been written anew."""
        self._asked_at = self._clock()
        if self._http is None:
            self._answered = self._read_file()
            return
        try:
            response = await self._http.get(self._url, budget=self.policy.budget)
            self._replace(_usable_keys(response.json()))
            self._answered = True
        except (CallError, ValueError) as error:
            self._answered = False
            _log.warning("keys.not-fetched", url=self._url, error=str(error), known=len(self._keys))
            self._read_file()

    def _read_file(self) -> bool:
        if self._file is None:
            return False
        try:
            keys = _usable_keys(json.loads(self._file.read_bytes()))
        except FileNotFoundError:  # the hub has not been started yet
            return False
        except (OSError, ValueError) as error:
            _log.warning("keys.not-read", file=str(self._file), error=str(error))
            return False
        self._replace(keys)
        return True

    def _replace(self, keys: dict[str, PublicKey]) -> None:
        old, self._keys = self._keys, keys
        for kid in keys:
            self._unknown.pop(kid, None)
        withdrawn = any(kid not in keys or keys[kid] != key for kid, key in old.items())
        if withdrawn and self.on_withdrawn is not None:
            self.on_withdrawn()

    def _remember_unknown(self, kid: str) -> None:
        self._unknown[kid] = self._clock() + self.policy.unknown_for
        self._unknown.move_to_end(kid)
        if len(self._unknown) > self.policy.unknown_kids:
            self._unknown.popitem(last=False)


def _usable_keys(document: Any) -> dict[str, PublicKey]:
    """The Ed25519 and P-256 signing keys of a JWK set (RFC 7517, 5); others are not ours to use.

    Raises ValueError if it is no key set, or holds no key for us.
    """
    if not isinstance(document, dict) or not isinstance(document.get("keys"), list):
        raise ValueError("not a JWK set")
    keys: dict[str, PublicKey] = {}
    for entry in document["keys"]:
        key = _usable_key(entry)
        if key is not None and key.kid:
            keys[key.kid] = key
    if not keys:
        raise ValueError("no usable key in the JWK set")
    return keys


def _usable_key(entry: Any) -> PublicKey | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    if (entry.get("kty"), entry.get("crv")) not in _KINDS:
        return None
    public = {name: value for name, value in entry.items() if name != "d"}
    try:
        key = JWKRegistry.import_key(public)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    assert isinstance(key, PublicKey)
    return key
