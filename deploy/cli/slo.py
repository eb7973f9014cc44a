"""`truc slo`: the service levels: kept or not, what is left of the error budget, whether it burns too fast.

Exit code 1 when an alarm is firing, so that a script can ask.
"""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any, Final

import typer

from deploy.cli import output
from deploy.cli.calls import call
from deploy.cli.options import DataDir
from deploy.local.client import Axis
from deploy.local.layout import Layout

FIRING: Final = 1


def slo(
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show each service level, its error budget and how fast it burns."""
    axis = Axis.at(Layout.at(data_dir))
    found = asyncio.run(_ask(axis))
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        show(found)
    if any(burn["firing"] for level in found["items"] for burn in level["burns"]):
        raise typer.Exit(FIRING)


async def _ask(axis: Axis) -> dict[str, Any]:
    async with axis.client("hub") as http:
        found: dict[str, Any] = (await call(http, "GET", "/v1/service-levels")).json()
    return found


def show(found: dict[str, Any]) -> None:
    """The levels as a table, then what there is to say of each."""
    rows = [
        (
            level["id"],
            f"{level['share']:.0%} in {level['within_s']:g}s",
            "-" if level["achieved"] is None else f"{level['achieved']:.2%}",
            "-" if level["left"] is None else f"{level['left']:.0%}",
            f"{level['bad']:,}/{level['events']:,}",
        )
        for level in found["items"]
    ]
    output.table(("level", "promise", "is", "budget", "late/all"), rows, right=(1, 2, 3, 4), fold=(0,))
    quiet = True
    for level in found["items"]:
        if level["waiting"]:
            output.say(f"{level['id']}: {level['waiting']:,} are waiting and late already.", style="yellow")
        for burn in level["burns"]:
            if burn["firing"]:
                quiet = False
                output.say(_alarm(level["id"], burn), style="red")
    if quiet:
        output.say("No error budget burns too fast.")


def _alarm(level: str, burn: dict[str, Any]) -> str:
    hours = f"{burn['long_s'] / 3600:g} h"
    how = (
        f"{burn['long_burn']:.1f} times as fast as allowed"
        if burn["by"] == "speed"
        else "several late, few in all"
    )
    when = "Act now" if burn["urgency"] == "now" else "Act this week"
    return f"{level}: over {hours} the error budget burns: {how}. {when}."
