"""`truc dead`: what waits for a decision, wherever it waits: calls the portal refused for their content, events a
consumer could not apply.

Exit code 1 while there is any, so that a script can ask. Nothing is changed: that is done in the console, or at
the addresses the last line names.
"""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from contracts.times import to_vn
from deploy.cli import output
from deploy.cli.calls import call
from deploy.cli.options import DataDir
from deploy.local.client import Axis
from deploy.local.errors import RunnerError
from deploy.local.layout import Layout

WAITS: Final = 1
NOT_ASKED: Final = frozenset({"nats", "portal"})
"""They hold nothing back: the broker keeps every event, the portal stands outside the axis."""
LETTERS: Final = "/v1/dead-letters?state=open&limit={limit}"
HELD: Final = "/v1/axis/held?state=dead&limit={limit}"
NOTHING: Final = "Nothing is dead."
WHAT_TO_DO: Final = (
    "The console shows each with what it holds, and retries or discards it. The same over HTTP: sync's"
    " /v1/dead-letters/{id}/retry and /discard, a service's /v1/axis/held/{consumer}/{key}/retry and /discard."
)


def dead(
    limit: Annotated[int, typer.Option(min=1, max=200, help="At most so many of each process.")] = 50,
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the dead letters of every process: what could not be done, and why."""
    found = asyncio.run(_ask(Axis.at(Layout.at(data_dir)), limit))
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        _show(found)
    raise typer.Exit(WAITS if found["items"] else 0)


async def _ask(axis: Axis, limit: int) -> dict[str, Any]:
    """What every process holds dead, and who could not be asked."""
    names = [process.name for process in axis.state.processes if process.name not in NOT_ASKED]
    answers = await asyncio.gather(*(_of(axis, name, limit) for name in names))
    found: dict[str, Any] = {"items": [], "more": [], "silent": []}
    for name, answer in zip(names, answers, strict=True):
        if answer is None:
            found["silent"].append(name)
            continue
        items, more = answer
        found["items"] += items
        found["more"] += [name] if more else []
    return found


async def _of(axis: Axis, name: str, limit: int) -> tuple[list[dict[str, Any]], bool] | None:
    """The dead letters of one process, and whether there are more; None if it does not answer."""
    items: list[dict[str, Any]] = []
    more = False
    try:
        async with axis.client(name) as http:
            for address, row in (*([(LETTERS, refused)] if name == "sync" else []), (HELD, not_applied)):
                answer = await call(http, "GET", address.format(limit=limit), may_be={404})
                if answer.status_code == 404:  # it has no consumers
                    continue
                page = answer.json()
                items += [row(name, each) for each in page["items"]]
                more = more or page["next_cursor"] is not None
    except RunnerError:
        return None
    return items, more


def refused(process: str, letter: dict[str, Any]) -> dict[str, Any]:
    """A call the portal refused."""
    return {
        "process": process,
        "id": letter["id"],
        "what": letter["verb"],
        "key": letter["key"],
        "version": letter["number"],
        "since": letter["at"],
        "attempts": letter["attempts"],
        "reason": f"{letter['reason']} ({letter['error_code']})",
    }


def not_applied(process: str, event: dict[str, Any]) -> dict[str, Any]:
    """An event a consumer could not apply."""
    return {
        "process": process,
        "id": f"{event['consumer']}/{event['key']}/{event['version']}",
        "what": event["type"] or "an event nobody can read",
        "key": event["key"],
        "version": event["version"],
        "since": event["held_at"],
        "attempts": event["attempts"],
        "reason": event["reason"] or "no reason given",
    }


def _moment(at: str) -> str:
    return f"{to_vn(datetime.fromisoformat(at)):%d/%m/%Y %H:%M:%S}"


def _show(found: dict[str, Any]) -> None:
    for each in found["items"]:
        tried = f"{each['attempts']} {'time' if each['attempts'] == 1 else 'times'}"
        output.say(f"{each['process']}: {each['what']} of {each['key']}, step {each['version']}")
        output.say(f"    {each['reason'].rstrip('.')}. Tried {tried}, since {_moment(each['since'])}.")
    for name in found["more"]:
        output.say(f"{name} has more: --limit shows up to 200 of each process, the console all of them.")
    for name in found["silent"]:
        output.say(f"{name} does not answer, so what it holds is not known. truc status says how it is.")
    if found["items"]:
        output.say(WHAT_TO_DO)
    elif not found["silent"]:
        output.say(NOTHING)
