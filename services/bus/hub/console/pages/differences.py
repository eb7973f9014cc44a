"""The part of the reconciliation page that shows the comparison that never ends: how it stands, what differs,
repairs. It changes by itself."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from nicegui import ui

from services.bus.hub.console import continuous
from services.bus.hub.console.continuous import Continuous, Known, Listed, Ordered
from services.bus.hub.console.draw import continuous as draw
from services.bus.hub.console.draw import parts
from services.bus.hub.console.live import Live
from services.bus.hub.console.pages.frame import Reader
from services.bus.hub.console.pages.hands import NOTHING, Button, Said, doing, later
from services.bus.hub.console.remote import RemoteError
from services.bus.hub.console.snapshot import Snapshot
from services.bus.hub.words import common
from services.bus.hub.words import continuous as words
from services.bus.kit.html import Html, join

CLICKED: Final = (
    "(event) => {const hand = event.target.closest('[data-repair]'); if (hand) emit(hand.dataset.repair);}"
)


class Differences:
    """For one reader. `read` before anything is shown, `place` where it is to stand, then `tell`."""

    def __init__(self, reader: Reader, cursor: str | None) -> None:
        self._reader = reader
        self._cursor = cursor
        self._known: Continuous
        self._open = Listed([], None)
        self._closed: list[Known] = []
        self._busy: set[str] = set()
        self._reading = asyncio.Lock()

    @classmethod
    async def read(cls, reader: Reader, cursor: str | None) -> Differences:
        """Raises RemoteError."""
        made = cls(reader, cursor)
        await made._read()
        return made

    async def _read(self) -> None:
        remote, by = self._reader.console.remote, self._reader.somebody
        self._known = await continuous.state(remote, by)
        self._open = await continuous.differences(remote, by, "open", self._cursor)
        few = continuous.REPAIRED
        repairing = await continuous.differences(remote, by, "repairing", limit=few)
        repaired = await continuous.differences(remote, by, "repaired", limit=few)
        self._closed = [*repairing.items, *repaired.items]

    def place(self) -> None:
        """Here."""
        reader = self._reader
        self._said = Said()
        self._banner = Live(draw.banner(self._known, reader.language))
        self._all: Button | None = None
        if reader.acts:
            self._hands()
        self._sides = Live(draw.sides(self._known, reader.language))
        with ui.element("div").on("click", self._clicked, js_handler=CLICKED):
            self._list = Live(self._drawn())
        self._past = Live(draw.closed_ones(self._closed, reader.language) or NOTHING)

    def tell(self, taken: Snapshot) -> None:
        """What has changed since."""
        now, before = taken.continuous, self._known
        if now is None or now == before:
            return
        self._known = now
        self._banner.show(draw.banner(now, self._reader.language))
        self._sides.show(draw.sides(now, self._reader.language))
        if _figures(now) != _figures(before):
            later(self._again(), "console-differences")

    async def _again(self) -> None:
        reader = self._reader
        async with self._reading:
            try:
                await self._read()
            except RemoteError as error:
                self._said.bad(reader.say(common.NO_ANSWER, why=str(error)))
                return
        self._banner.show(draw.banner(self._known, reader.language))
        self._sides.show(draw.sides(self._known, reader.language))
        self._list.show(self._drawn())
        self._past.show(draw.closed_ones(self._closed, reader.language) or NOTHING)
        if self._all is not None:
            self._all.visible = self._known.open > 0

    def _drawn(self) -> Html:
        reader = self._reader
        return join(
            draw.open_ones(self._open.items, reader.language, acts=reader.acts),
            parts.pager(reader.language, "/reconciliation", {}, self._cursor, self._open.next_cursor),
        )

    def _hands(self) -> None:
        reader = self._reader
        compare = doing(
            reader,
            self._said,
            "differences.compare",
            continuous.PATH,
            continuous.compare,
            told=lambda _: reader.say(words.BEGUN),
        )
        repair = doing(
            reader,
            self._said,
            "differences.repair",
            continuous.PATH,
            continuous.repair_all,
            told=self._ordered,
            after=self._again,
        )
        with ui.element("div").classes("row"):
            Button(reader.say(words.COMPARE), compare, kind="primary")
            self._all = Button(reader.say(words.REPAIR_ALL), repair)
            self._all.visible = self._known.open > 0

    def _ordered(self, order: Ordered) -> str:
        if not order.dossiers:
            return self._reader.say(words.NONE_REPAIRABLE)
        text = words.ORDERED_SOME if order.left else words.ORDERED_ALL
        return text.in_(self._reader.language).format(n=order.dossiers, left=order.left)

    async def _clicked(self, event: Any) -> None:
        """Only what is shown can be repaired: the id comes from a browser."""
        reader, id = self._reader, str(event.args)
        found = next((each for each in self._open.items if each.id == id), None)
        if found is None or id in self._busy or not reader.acts:
            return
        self._busy.add(id)
        try:
            await doing(
                reader,
                self._said,
                "difference.repair",
                found.code,
                lambda remote, by: continuous.repair(remote, by, id),
                told=lambda _: reader.say(words.ORDERED, code=found.code),
                after=self._again,
            )()
        finally:
            self._busy.discard(id)


def _figures(known: Continuous) -> tuple[int, int, dict[str, int], int]:
    return known.open, known.repairing, known.kinds, known.dossiers
