"""`truc links`: every link with its latency and the age of what has waited longest, as the hub's ledger tells it.

What is late, stalled or dead comes first.
"""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any, Final, Literal

import typer
from rich.console import RenderableType
from rich.table import Table

from deploy.cli import output
from deploy.cli.calls import call
from deploy.cli.options import DataDir
from deploy.local.client import Axis
from deploy.local.layout import Layout

ROOMY: Final = 100
"""Columns it takes for everything; a narrower terminal gets what an operator looks at first."""
MARKS: Final = {"improving": "green", "steady": "", "worsening": "yellow", "stalled": "bold red"}
Window = Annotated[Literal["5m", "1h", "24h", "7d"], typer.Option(help="Over which time.")]
NO_LINKS: Final = "Nothing has travelled on the axis yet."


def links(
    window: Window = "1h",
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how far each link lags: latency, oldest waiting thing, trend."""
    axis = Axis.at(Layout.at(data_dir))
    found = asyncio.run(_ask(axis, window))
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    if not found["items"]:
        output.say(NO_LINKS)
        return
    console = output.out()
    roomy = not console.is_terminal or console.width >= ROOMY
    header, right, fold = columns(roomy)
    output.table(header, [cells(link, roomy) for link in found["items"]], right=right, fold=fold)
    output.say(summary(found))


async def _ask(axis: Axis, window: str) -> dict[str, Any]:
    async with axis.client("hub") as http:
        found: dict[str, Any] = (await call(http, "GET", f"/v1/links?window={window}")).json()
    return found


def columns(roomy: bool) -> tuple[list[str], tuple[int, ...], tuple[int, ...]]:
    """The header, which columns are numbers, and which may be folded."""
    if roomy:
        header = [
            "event",
            "to",
            "done",
            "p50",
            "p95",
            "p99",
            "max",
            "oldest",
            "backlog",
            "retries",
            "dead",
            "trend",
        ]
        return header, tuple(range(2, 11)), (0, 1)
    return ["link", "p50", "p99", "oldest", "trend"], (1, 2, 3), (0,)


def cells(link: dict[str, Any], roomy: bool) -> list[str]:
    """One link as a row."""
    total = link["total"]
    oldest = "-" if link["oldest_s"] is None else short(link["oldest_s"] * 1000)
    if roomy:
        return [
            link["type"],
            link["consumer"],
            f"{total['count']:,}",
            *(short(total[name]) for name in ("p50_ms", "p95_ms", "p99_ms", "max_ms")),
            oldest,
            f"{link['backlog']:,}",
            f"{link['retries']:,}",
            f"{link['dead']:,}",
            link["trend"],
        ]
    name = f"{link['type']} > {link['consumer']}"
    return [name, short(total["p50_ms"]), short(total["p99_ms"]), oldest, link["trend"]]


def drawn(found: dict[str, Any], width: int) -> RenderableType:
    """The table for a terminal of this width, with the colours of trends."""
    header, right, _ = columns(width >= ROOMY)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold", expand=False)
    for index, title in enumerate(header):
        table.add_column(title, justify="right" if index in right else "left", no_wrap=index in right)
    for link in found["items"]:
        table.add_row(*cells(link, width >= ROOMY), style=MARKS[link["trend"]] or None)
    return table


def summary(found: dict[str, Any]) -> str:
    """The overview in one sentence: what is stalled, what is late, what is dead."""
    items = found["items"]
    stalled = [link["id"] for link in items if link["trend"] == "stalled"]
    worse = [link["id"] for link in items if link["trend"] == "worsening"]
    dead = sum(link["dead"] for link in items if link["consumer"] == "portal") + sum(
        {link["consumer"]: link["dead"] for link in items if link["consumer"] != "portal"}.values()
    )
    said = []
    if stalled:
        said.append(f"Stalled: {', '.join(stalled)}.")
    if worse:
        said.append(f"Getting worse: {', '.join(worse)}.")
    if dead:
        said.append(f"{dead:,} {'dead letter waits' if dead == 1 else 'dead letters wait'} for a decision.")
    there_are = f"{len(items)} {'link' if len(items) == 1 else 'links'}"
    return " ".join(said) or f"{there_are}; nothing is stalled, nothing is dead."


def short(ms: float | None) -> str:
    """A duration in few letters: 0.4ms, 12ms, 3.4s, 2m05s, 3h05m."""
    if ms is None:
        return "-"
    if ms < 9.95:
        return f"{ms:.1f}ms"
    if ms < 999.5:
        return f"{ms:.0f}ms"
    seconds = ms / 1000
    if seconds < 99.95:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02d}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02d}m"
