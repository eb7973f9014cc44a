"""The hub's ear: a source that reads the next pages of the axis (see `hearing`)."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from contracts.envelope import Event
from services.bus.hub.hearing import NAME, SINGLE, SUBJECTS, Hear, Part, blame, part_of, places_in
from services.bus.hub.ledger.names import LinkName, link_of
from services.bus.hub.ledger.numbers import Numbers
from services.bus.hub.ledger.standing import ConsumerState
from services.bus.hub.rounds import Take
from services.bus.kit import metrics
from services.bus.kit.browsing import Browser, Wanted, stored_at
from services.bus.kit.bus import STREAM
from services.bus.kit.service import Service

PAGE: Final = 1_000
"""Messages of one pattern of subjects in one round."""


class Ear:
    """Hears each pattern of subjects from where the hub stopped."""

    name = NAME

    def __init__(self, service: Service, numbers: Numbers) -> None:
        self._service = service
        self._numbers = numbers
        self._stack = contextlib.AsyncExitStack()
        self._browser: Browser | None = None
        self._stream: datetime | None = None
        self._after: dict[str, int] = {}
        self._era = 0
        self.more = False
        self.state: ConsumerState | None = None
        """How far behind it is, as of the last page; as the broker would tell of a consumer."""

    async def __aenter__(self) -> Ear:
        self._service.bus.on_reconnected.append(self._look_anew)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._service.bus.on_reconnected.remove(self._look_anew)
        await self._stack.aclose()

    async def _look_anew(self) -> None:
        """Whoever answers from now on may have another stream: see which, and where we are in it."""
        self._stream = None
        self._era += 1

    def due(self, now: float) -> bool:
        return True

    async def ask(self) -> Take | None:
        self.more = False
        if not self._service.bus.is_connected:
            raise ConnectionError("not connected to the broker")
        if self._browser is None:
            self._browser = await self._stack.enter_async_context(Browser(self._service.bus))
        stream = self._stream or await self._orient()
        wanted = [Wanted(subjects, self._after[subjects], PAGE, subjects in SINGLE) for subjects in SUBJECTS]
        parts = []
        for page in await self._browser.pages(wanted):
            part = part_of(page, headers=page.subjects in SINGLE)
            if any(each.dead is not None and each.place is None for each in part.messages):
                part = await self._carefully(part)
            if part.messages:
                parts.append(part)
        if not parts:
            self.state = ConsumerState(NAME, SUBJECTS, 0, 0, {})
            return None
        return lambda: self._take(parts, stream)

    async def _orient(self) -> datetime:
        """Which stream it is, and where we are in it."""
        created = (await self._service.bus.js.stream_info(STREAM)).created
        assert created is not None
        places, _ = await self._service.store.read(lambda tx: places_in(tx, str(created)))
        self._after = {subjects: places.get(subjects, 0) for subjects in SUBJECTS}
        self._stream = created
        return created

    async def _carefully(self, part: Part) -> Part:
        """The same messages with their places."""
        assert self._browser is not None
        wanted = Wanted(part.subjects, part.after, len(part.messages), headers=True)
        [page] = await self._browser.pages([wanted])
        return part_of(page, headers=True)

    async def _take(self, parts: Sequence[Part], stream: datetime) -> None:
        store, clock = self._service.store, self._service.clock

        def command(some: Sequence[Part]) -> Hear:
            return Hear(some, str(stream), stream, self._numbers, clock)

        era = self._era
        try:
            await store.write(command(parts))
        except Exception:
            self._stream = None  # look in the tables where we are, unless all goes well
            for part in parts:
                await blame(await self._carefully(part), store, command)
        if era == self._era:
            self._after |= {each.subjects: each.upto for each in parts}
            self._stream = stream
        metrics.record_consumed(NAME, "heard", sum(len(each.messages) for each in parts))
        full = [each for each in parts if len(each.messages) == PAGE]
        self.more = bool(full)
        self.state = await self._behind(full)

    async def _behind(self, full: Sequence[Part]) -> ConsumerState:
        """What waits behind full pages: how much, and since when the next one of each."""
        assert self._browser is not None
        backlog = 0
        oldest: dict[LinkName, datetime] = {}
        wanted = [Wanted(each.subjects, each.upto, 1, headers=True) for each in full]
        for page in await self._browser.pages(wanted):
            for message in page.messages:
                backlog += 1 + page.following
                with contextlib.suppress(ValidationError):
                    event = Event.model_validate_json(message.data)
                    oldest[link_of(event.source, event.type, NAME)] = stored_at(message)
        return ConsumerState(NAME, SUBJECTS, backlog, 0, oldest)
