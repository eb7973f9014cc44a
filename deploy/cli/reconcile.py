"""`truc reconcile`: has sync compare province, axis and portal, and shows what it found.

Exit code 1 when something differs; with --repair, when something still differs after what could be repaired was.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Annotated, Any, Final

import httpx
import typer

from deploy.cli import output
from deploy.cli.calls import call
from deploy.cli.options import DataDir
from deploy.local.client import Axis
from deploy.local.errors import RunnerError
from deploy.local.layout import Layout

LOOK_EVERY_S: Final = 0.2
PATIENCE_S: Final = 3_600.0
REPAIR_PATIENCE_S: Final = 60.0
SHOWN: Final = 50
DIFFERS: Final = 1
Document = dict[str, Any]


def reconcile(
    data_dir: DataDir = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="Send again what differs, then look once more.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare what the province, the axis and the portal hold."""
    axis = Axis.at(Layout.at(data_dir))
    with output.err().status("Comparing province, axis and portal"):
        outcome = asyncio.run(_carry_out(axis, repair))
    if as_json:
        typer.echo(json.dumps(outcome, indent=2, ensure_ascii=False))
    else:
        _show(outcome)
    raise typer.Exit(DIFFERS if differs(outcome) else 0)


def differs(outcome: Document) -> bool:
    """Whether anything was found, on any side."""
    return any(outcome["counts"]["findings"].values())


async def _carry_out(axis: Axis, repair: bool) -> Document:
    """The last comparison; `repaired` says how many dossiers were sent again before it."""
    async with axis.client("sync") as http:
        outcome = await _compare(http)
        outcome["repaired"] = 0
        if repair and differs(outcome):
            ordered = (await call(http, "POST", f"/v1/reconciliations/{outcome['id']}/repair", body={})).json()
            if ordered["dossiers"]:
                await _until_repaired(http)
                outcome = await _compare(http)
            outcome["repaired"] = ordered["dossiers"]
    return outcome


async def _compare(http: httpx.AsyncClient) -> Document:
    started: Document = (await call(http, "POST", "/v1/reconciliations")).json()
    path = f"/v1/reconciliations/{started['id']}?limit={SHOWN}"
    deadline = time.monotonic() + PATIENCE_S
    while True:
        outcome: Document = (await call(http, "GET", path)).json()
        if outcome["state"] == "failed":
            raise RunnerError(f"The comparison failed: {outcome['error']}. `truc status` says what is not ready.")
        if outcome["state"] == "done":
            return outcome
        if time.monotonic() > deadline:
            raise RunnerError(f"The comparison {started['id']} is not done after an hour. See the log of sync.")
        await asyncio.sleep(LOOK_EVERY_S)


async def _until_repaired(http: httpx.AsyncClient) -> None:
    """Until nothing is on its way any more; what stays behind shows in the next comparison."""
    deadline = time.monotonic() + REPAIR_PATIENCE_S
    while time.monotonic() < deadline:
        await asyncio.sleep(LOOK_EVERY_S)
        lanes = (await call(http, "GET", "/v1/status")).json()["lanes"]
        if not (lanes["ready"] or lanes["sending"] or lanes["pausing"]):
            return


def _show(outcome: Document) -> None:
    counts = outcome["counts"]
    sides = ("province", "axis", "portal")
    rows = [(side, f"{counts['dossiers'][side]:,}", f"{counts['statuses'][side]:,}") for side in sides]
    output.table(("side", "dossiers", "statuses"), rows, right=(1, 2))
    if outcome["repaired"]:
        output.say(f"{outcome['repaired']:,} dossier(s) were sent again.")
    summary = (
        f"lost {counts['lost']:,}, duplicated {counts['duplicated']:,}, out of order {counts['out_of_order']:,}"
    )
    if not differs(outcome):
        output.say(f"Province = axis = portal: {summary} ({counts['seconds']:.1f} s).", style="bold green")
        return
    findings = outcome["findings"]["items"]
    output.say(f"The sides differ: {summary}.", style="bold red")
    found = [
        (
            each["kind"].replace("_", " "),
            each["side"],
            each["code"],
            str(each["version"] or "-"),
            "yes" if each["repairable"] else "no",
        )
        for each in findings
    ]
    output.table(("finding", "side", "dossier", "version", "repairable"), found, right=(3,), fold=(2,))
    total = sum(counts["findings"].values())
    if total > len(findings):
        output.say(f"These are the first {len(findings)} of {total:,}.")
    if any(each["repairable"] and each["repair_at"] is None for each in findings):
        output.say("`truc reconcile --repair` sends again what can be repaired.")
