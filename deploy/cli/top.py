"""`truc top`: the overview of the axis in a terminal, drawn anew every second until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Self

import httpx
import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from contracts.times import to_vn
from deploy.cli import output
from deploy.cli.calls import call
from deploy.cli.links import NO_LINKS, Window, drawn, summary
from deploy.cli.options import DataDir
from deploy.local.client import Axis
from deploy.local.errors import RunnerError
from deploy.local.layout import Layout

EVERY_S: Final = 1.0


def top(
    window: Window = "5m",
    data_dir: DataDir = None,
    rounds: Annotated[int, typer.Option("--rounds", min=0, help="Stop after so many; 0: never.")] = 0,
) -> None:
    """Watch the links live. Ctrl-C ends it."""
    axis = Axis.at(Layout.at(data_dir))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_watch(axis, window, rounds))


async def _watch(axis: Axis, window: str, rounds: int) -> None:
    console = output.out()
    async with axis.client("hub") as http:
        with (
            Live(console=console, auto_refresh=False, screen=True)
            if console.is_terminal
            else _Pipe(console) as live
        ):
            number = 0
            while not rounds or number < rounds:
                number += 1
                live.update(await _page(http, console, window), refresh=True)
                if number != rounds:
                    await asyncio.sleep(EVERY_S)


class _Pipe:
    """Where there is no screen to draw on, one page after the other."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        pass

    def update(self, page: RenderableType, *, refresh: bool = True) -> None:
        self._console.print(page)


async def _page(http: httpx.AsyncClient, console: Console, window: str) -> RenderableType:
    """What there is to see now; that the hub is away is something to see too."""
    try:
        found = (await call(http, "GET", f"/v1/links?window={window}")).json()
        levels = (await call(http, "GET", "/v1/service-levels")).json()
    except RunnerError as error:
        return Text(error.message, style="bold red")
    return page(found, levels, console.width, console.height, datetime.now(UTC))


def page(found: dict[str, Any], levels: dict[str, Any], width: int, height: int, now: datetime) -> RenderableType:
    """The overview for a terminal of this size."""
    head = Text(f"Trục  {to_vn(now):%d/%m/%Y %H:%M:%S}  last {found['window']}", style="bold")
    firing = [
        Text(f"{level['name_en']}: the error budget burns {burn['factor']:g} times too fast", style="bold red")
        for level in levels["items"]
        for burn in level["burns"]
        if burn["firing"]
    ]
    room = max(height - 4 - len(firing), 1)
    shown = {**found, "items": found["items"][:room]}
    body = drawn(shown, width) if found["items"] else Text(NO_LINKS)
    return Group(head, Text(summary(found)), *firing, body)
