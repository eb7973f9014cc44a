"""`truc indicators`: the province's figures as the hub counts them, on the screen or as a file.

With --example, the published figures of a province beside what generated dossiers give, on a scratch database.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import typer

from deploy.cli import output
from deploy.cli.calls import call
from deploy.cli.options import DataDir
from deploy.local.client import Axis
from deploy.local.errors import RunnerError
from deploy.local.layout import Layout

Document = dict[str, Any]
ExampleName = Literal["binh-dinh", "tuyen-quang", "dong-thap"]
Rows = Literal["unit", "district", "procedure", "field", "channel"]
Grain = Literal["total", "month", "quarter", "year"]
DIFFERS = 1
_DAY = ["%Y-%m-%d"]


def indicators(
    data_dir: DataDir = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="The first day; that of the year.")
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="The last day; today.")] = None,
    unit: Annotated[str | None, typer.Option(help="An agency, with all below it.")] = None,
    rows: Annotated[Rows, typer.Option(help="What a row of the file is.")] = "unit",
    period: Annotated[Grain, typer.Option(help="What a row of the file adds up.")] = "total",
    csv: Annotated[Path | None, typer.Option(help="Write the table there as CSV.", dir_okay=False)] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write the table there as a workbook.", dir_okay=False)] = None,
    example: Annotated[
        ExampleName | None, typer.Option(help="Published figures from generated dossiers, without an axis.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the province's indicators, counted from events."""
    if example is not None:
        _example(example, as_json)
        return
    asked = {
        "from": first.date().isoformat() if first else None,
        "to": (last.date() + timedelta(days=1)).isoformat() if last else None,
        "unit": unit,
    }
    query = {name: value for name, value in asked.items() if value is not None}
    files = [(path, kind) for path, kind in ((csv, "csv"), (xlsx, "xlsx")) if path is not None]
    found = asyncio.run(_look(Axis.at(Layout.at(data_dir)), query, files, {"rows": rows, "period": period}))
    if as_json:
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    _show(found)
    for path, _ in files:
        output.note(f"Written: {path}")


async def _look(
    axis: Axis, query: dict[str, str], files: list[tuple[Path, str]], shape: dict[str, str]
) -> Document:
    """The values; the files are written on the way."""
    async with axis.client("hub") as http:
        found: Document = (await call(http, "GET", f"/v1/indicators/values?{urlencode(query)}")).json()
        for path, kind in files:
            made = await call(http, "GET", f"/v1/indicators/table.{kind}?{urlencode(query | shape)}")
            await asyncio.to_thread(_write, path, made.content)
    return found


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise RunnerError(f"{path} cannot be written: {error.strerror}. Name another file.") from error


def _show(found: Document) -> None:
    output.say(
        f"{found['first_day']} to {found['last_day']}: {found['dossiers']:,} dossiers received", style="bold"
    )
    unknown: list[Document] = []
    for group in found["groups"]:
        output.say()
        output.say(_headline(group), style="bold")
        known = [each for each in group["indicators"] if each["percent"] is not None]
        unknown += [each for each in group["indicators"] if each["percent"] is None]
        if known:
            output.table(("indicator", "counts", "%", "points"), [_row(each) for each in known], right=(1, 2, 3))
    if unknown:
        output.say()
        output.say("Not known, and so not counted:", style="bold")
    for each in unknown:
        output.say(f"{each['id']}: {each['why_en']}")


def _headline(group: Document) -> str:
    if group["points_max"] is None:
        return str(group["name_en"])
    told = f"{group['number']} {group['name_en']}: {group['points']:.2f} of {group['points_max']:g} points"
    missing = group["points_max"] - group["points_known"]
    return f"{told}, {missing:g} not known" if missing else told


def _row(value: Document) -> tuple[str, str, str, str]:
    return (
        value["id"],
        f"{value['numerator']['value']:,}/{value['denominator']['value']:,}",
        f"{value['percent']:.2f}",
        "-" if value["points"] is None else f"{value['points']:.2f}",
    )


def _example(name: str, as_json: bool) -> None:
    """Leaves with exit code 1 when a figure is not the published one."""
    from services.bus.hub.indicators.examples import EXAMPLES, Example, Outcome, carry_out
    from services.bus.hub.models import metadata
    from services.bus.kit.store import Store

    async def run(example: Example) -> Outcome:
        with tempfile.TemporaryDirectory(prefix="truc-example-") as folder:
            async with Store(f"sqlite:///{folder}/hub.db", source="/truc/hub") as store:
                store.create_tables(metadata)
                return await carry_out(example, store)

    with output.err().status("Making dossiers, then counting them"):
        example = EXAMPLES[name]()
        outcome = asyncio.run(run(example))
    agrees = all(figure.agrees for figure in outcome.figures)
    if as_json:
        told = {"title": example.title, "source": example.source, "agrees": agrees, **asdict(outcome)}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        output.say(f"{example.title} ({example.source})", style="bold")
        shown = [(each.what, each.published, each.ours) for each in outcome.figures]
        output.table(("figure", "published", "counted"), shown, right=(1, 2))
        for note in example.notes:
            output.say(note)
        took = f"{outcome.dossiers:,} dossiers in {outcome.filled_s:.1f} s"
        output.say(f"{took}, all figures in {outcome.counted_s:.2f} s.")
        output.say("Every figure is the published one." if agrees else "Some figures are not the published ones.")
    raise typer.Exit(0 if agrees else DIFFERS)
