"""Generated people go into a population service over its public API: in batches, several at a time.

A batch that is refused is an error to see, never something to skip. A batch whose answer was lost is sent
again under the same Idempotency-Key, made from its content: so a load can also be repeated as a whole.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

import httpx
from pydantic import TypeAdapter
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from contracts.population import NewCitizen, NewHousehold
from services.population.generator.families import GeneratedHousehold

T = TypeVar("T")

BATCH: Final = 500
CONCURRENCY: Final = 4
ATTEMPTS: Final = 6

_CITIZENS: Final = TypeAdapter(list[NewCitizen])
_HOUSEHOLDS: Final = TypeAdapter(list[NewHousehold])

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What went in, and how long it took."""

    citizens: int
    households: int
    seconds: float


class LoadRefusedError(Exception):
    """The service refused a batch: nothing of it went in."""


class UnavailableError(Exception):
    """The service is busy or away: worth another try."""


async def load(
    client: httpx.AsyncClient,
    citizens: Iterable[NewCitizen],
    *,
    batch: int = BATCH,
    concurrency: int = CONCURRENCY,
    on_progress: Progress | None = None,
) -> Loaded:
    """Register these citizens through `client`, which has the service's address and a token.

    `on_progress` is told how many each batch brought. Raises LoadRefusedError; transport errors in the end.
    """
    return await _load(client, _chunks(citizens, batch), _send_citizens, concurrency, on_progress)


async def load_households(
    client: httpx.AsyncClient,
    households: Iterable[GeneratedHousehold],
    *,
    batch: int = BATCH,
    concurrency: int = CONCURRENCY,
    on_progress: Progress | None = None,
) -> Loaded:
    """Like `load`, and form the households once their members are registered."""
    return await _load(client, _by_members(households, batch), _send_households, concurrency, on_progress)


async def _load(
    client: httpx.AsyncClient,
    batches: Iterator[list[T]],
    send: Callable[[httpx.AsyncClient, list[T]], Awaitable[tuple[int, int]]],
    concurrency: int,
    on_progress: Progress | None,
) -> Loaded:
    started = time.perf_counter()
    citizens = households = 0

    async def worker() -> None:
        nonlocal citizens, households
        for each in batches:  # one iterator for all workers: each batch is taken once
            people, homes = await send(client, each)
            citizens += people
            households += homes
            if on_progress is not None:
                on_progress(people)

    async with asyncio.TaskGroup() as group:
        for _ in range(concurrency):
            group.create_task(worker())
    return Loaded(citizens, households, time.perf_counter() - started)


async def _send_citizens(client: httpx.AsyncClient, citizens: list[NewCitizen]) -> tuple[int, int]:
    await _post(client, "/v1/citizens", _CITIZENS.dump_json(citizens, exclude_defaults=True))
    return len(citizens), 0


async def _send_households(client: httpx.AsyncClient, made: list[GeneratedHousehold]) -> tuple[int, int]:
    citizens = [citizen for each in made for citizen in each.citizens]
    await _send_citizens(client, citizens)
    await send_households(client, [each.household for each in made])
    return len(citizens), len(made)


async def send_households(client: httpx.AsyncClient, made: list[NewHousehold]) -> None:
    """Form these households, whose members are registered."""
    await _post(client, "/v1/households", _HOUSEHOLDS.dump_json(made, exclude_defaults=True))


def attempts() -> AsyncRetrying:
    """Tries until the service is there and not busy, with pauses."""
    return AsyncRetrying(
        retry=retry_if_exception_type((httpx.TransportError, UnavailableError)),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(0.1, max=5),
        reraise=True,
    )


async def _post(client: httpx.AsyncClient, path: str, body: bytes) -> None:
    headers = {
        "Content-Type": "application/json",
        "Accept-Language": "en",
        "Idempotency-Key": hashlib.sha256(body).hexdigest(),
    }
    async for attempt in attempts():
        with attempt:
            answer = await client.post(path, content=body, headers=headers)
            if answer.status_code in (409, 503) and "retry-after" in answer.headers:
                raise UnavailableError(answer.status_code)
            if answer.status_code != 201:
                raise LoadRefusedError(reason(answer))


def reason(answer: httpx.Response) -> str:
    """The problem in a few words, without the data it is about."""
    try:
        problem: dict[str, Any] = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}"
    rules = [f"{error.get('field')}: {error.get('rule')}" for error in problem.get("errors") or []]
    return f"HTTP {answer.status_code} {problem.get('type')} {'; '.join(rules[:5])}"


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _by_members(households: Iterable[GeneratedHousehold], size: int) -> Iterator[list[GeneratedHousehold]]:
    """Households in batches of at most `size` members."""
    chunk: list[GeneratedHousehold] = []
    members = 0
    for each in households:
        if chunk and members + len(each.citizens) > size:
            yield chunk
            chunk, members = [], 0
        chunk.append(each)
        members += len(each.citizens)
    if chunk:
        yield chunk
