"""Generated people go into a population service by the ten thousand: as a bulk import, in parts of one file.

Each part goes on from where the service says the file stands, so an answer that was lost, or a service that was
away, costs what was not committed and nothing else. The next part is made while one is on its way.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from contracts.population import NewCitizen, NewHousehold
from services.population.generator.families import GeneratedHousehold
from services.population.generator.loader import (
    BATCH,
    Loaded,
    LoadRefusedError,
    Progress,
    UnavailableError,
    attempts,
    reason,
    send_households,
)

PART_BYTES: Final = 2 * 1_048_576
"""About four thousand citizens."""
_TYPE: Final = {"Content-Type": "application/x-ndjson", "Accept-Language": "en"}
_dump = NewCitizen.__pydantic_serializer__.to_json


@dataclass(slots=True)
class _Part:
    """Whole lines, and the households to form once they are in."""

    lines: list[bytes] = field(default_factory=list)
    homes: list[NewHousehold] = field(default_factory=list)


async def import_citizens(
    client: httpx.AsyncClient,
    citizens: Iterable[NewCitizen],
    *,
    part_bytes: int = PART_BYTES,
    on_progress: Progress | None = None,
) -> Loaded:
    """Like `load`, as one import. Raises LoadRefusedError if a line is refused: those before it are in."""
    return await _import(client, _parts((((each,), None) for each in citizens), part_bytes), on_progress)


async def import_households(
    client: httpx.AsyncClient,
    households: Iterable[GeneratedHousehold],
    *,
    part_bytes: int = PART_BYTES,
    on_progress: Progress | None = None,
) -> Loaded:
    """Like `load_households`, the members as one import."""
    return await _import(
        client, _parts(((each.citizens, each.household) for each in households), part_bytes), on_progress
    )


async def _import(client: httpx.AsyncClient, parts: Iterator[_Part], on_progress: Progress | None) -> Loaded:
    started = time.perf_counter()
    file, citizens, homes = _File(client), 0, 0
    part = await asyncio.to_thread(next, parts, None)
    async with asyncio.TaskGroup() as group:
        forming: asyncio.Task[None] | None = None
        while part is not None:
            sending = group.create_task(file.send(b"".join(part.lines)))
            following = await asyncio.to_thread(next, parts, None)
            await sending
            if forming is not None:
                await forming
            forming = group.create_task(_form(client, part.homes))
            citizens += len(part.lines)
            homes += len(part.homes)
            if on_progress is not None:
                on_progress(len(part.lines))
            part = following
        await file.end()
    return Loaded(citizens, homes, time.perf_counter() - started)


def _parts(families: Iterable[tuple[Iterable[NewCitizen], NewHousehold | None]], size: int) -> Iterator[_Part]:
    part, held = _Part(), 0
    for members, home in families:
        made = [_dump(each, exclude_defaults=True) + b"\n" for each in members]
        part.lines += made
        held += sum(map(len, made))
        if home is not None:
            part.homes.append(home)
        if held >= size:
            yield part
            part, held = _Part(), 0
    if part.lines:
        yield part


async def _form(client: httpx.AsyncClient, homes: list[NewHousehold]) -> None:
    for start in range(0, len(homes), BATCH):
        await send_households(client, homes[start : start + BATCH])


class _File:
    """One import, from its first part to its end."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._address = ""
        self._offset = 0

    async def send(self, content: bytes) -> None:
        """All of these lines, from where the file stands."""
        begins = self._offset
        async for attempt in attempts():
            with attempt:
                if not self._address:
                    answer = await self._asked("POST", "/v1/imports", b"", {"Import-Complete": "?0"})
                    self._address = answer.headers["location"]
                elif attempt.retry_state.attempt_number > 1:
                    self._offset = (await self._asked("GET", self._address, b"", {})).json()["offset"]
                rest = content[self._offset - begins :]
                headers = {"Import-Offset": str(self._offset), "Import-Complete": "?0"}
                view = (await self._asked("PATCH", self._address, rest, headers)).json()
        self._offset = view["offset"]
        if view["refused"]:
            raise LoadRefusedError(await self._refusals(view))

    async def end(self) -> None:
        """No more follows."""
        async for attempt in attempts():
            with attempt:
                if self._address and (await self._asked("GET", self._address, b"", {})).json()["state"] == "open":
                    await self._asked("PATCH", self._address, b"", {"Import-Offset": str(self._offset)})

    async def _asked(self, method: str, address: str, content: bytes, headers: dict[str, str]) -> httpx.Response:
        answer = await self._client.request(method, address, content=content, headers=_TYPE | headers)
        if answer.status_code == 409 and "import-offset" in answer.headers:
            raise UnavailableError(answer.status_code)  # an attempt that was given up is still being committed
        if answer.status_code in (409, 503) and "retry-after" in answer.headers:
            raise UnavailableError(answer.status_code)
        if answer.status_code not in (200, 201):
            raise LoadRefusedError(reason(answer))
        return answer

    async def _refusals(self, view: dict[str, Any]) -> str:
        """The first lines that were refused, without the data they are about."""
        found = (await self._asked("GET", f"{self._address}/errors?limit=5", b"", {})).json()["items"]
        told = [f"line {row['line']}: {each['field']}: {each['rule']}" for row in found for each in row["errors"]]
        return f"{view['refused']} lines refused; {'; '.join(told)}"
