"""`truc clock`: the citizens' time: what is due today, overdue or suspended, by office or procedure.

How late the portal is told is another matter: `truc trace`, `truc reconcile`.
"""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

import typer

from contracts.times import to_vn
from deploy.cli import output
from deploy.cli.calls import call
from deploy.cli.options import DataDir
from deploy.local.client import Axis
from deploy.local.layout import Layout

Document = dict[str, Any]
By = Literal["office", "procedure"]
State = Literal["due_today", "overdue", "suspended", "running"]
SHOWN: Final = 20
WIDEST_NAME: Final = 27
OFFICE: Final = "Ủy ban nhân dân "
"""What the names of most offices begin with."""


def clock(
    data_dir: DataDir = None,
    by: Annotated[By, typer.Option(help="What a line is.")] = "office",
    unit: Annotated[str | None, typer.Option(help="An agency, with all below it.")] = None,
    show: Annotated[State | None, typer.Option(help="List the dossiers in this state, and why then.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what is due today, overdue and suspended by law."""
    axis = Axis.at(Layout.at(data_dir))
    narrowed = {"unit": unit} if unit else {}
    path = (
        f"/dossiers?{urlencode({'state': show, **narrowed})}" if show else f"?{urlencode({'by': by, **narrowed})}"
    )
    found = asyncio.run(_look(axis, f"/v1/legal-clock{path}"))
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    elif show is not None:
        _list(found)
    else:
        _show(found, by)


async def _look(axis: Axis, path: str) -> Document:
    async with axis.client("hub") as http:
        found: Document = (await call(http, "GET", path)).json()
    return found


def _show(found: Document, by: By) -> None:
    output.say(
        f"Due today {found['due_today']:,}, overdue {found['overdue']:,}, suspended {found['suspended']:,}, "
        f"due later {found['running']:,}.",
        style="bold red" if found["overdue"] else "bold",
    )
    if found["oldest_overdue"]:
        output.say(f"The oldest has been overdue since {_vietnamese(found['oldest_overdue'])}.")
    lines = found["lines"]
    if not lines:
        return
    rows = [
        (
            _short(line["agency_name"] if by == "office" else line["procedure_name"]),
            *(f"{line[state]:,}" for state in ("due_today", "overdue", "suspended", "running")),
        )
        for line in lines[:SHOWN]
    ]
    output.table((by, "today", "overdue", "paused", "later"), rows, right=(1, 2, 3, 4))
    if len(lines) > SHOWN:
        output.say(f"These are the first {SHOWN} of {len(lines):,}.")


def _list(found: Document) -> None:
    if not found["items"]:
        output.say("There are none.")
        return
    for each in found["items"]:
        due = _vietnamese(each["due_at"]) if each["due_at"] else "no deadline"
        output.say(f"{each['code']}  {due}{', moved by a pause' if each['moved'] else ''}", style="bold")
        for reason in each["reasons"]:
            output.say(f"  {reason['en']}")
    if found["next_cursor"]:
        output.say(f"These are the first {len(found['items']):,}.")


def _vietnamese(text: str) -> str:
    return f"{to_vn(datetime.fromisoformat(text)):%d/%m/%Y %H:%M}"


def _short(name: str) -> str:
    """Offices and procedures have long names, and a terminal may have 60 columns."""
    bare = name.removeprefix(OFFICE)
    return bare if len(bare) <= WIDEST_NAME else f"{bare[: WIDEST_NAME - 1]}…"
