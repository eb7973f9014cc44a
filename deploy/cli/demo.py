"""`truc demo`: the half year of a province on this machine, with the account of it at the end.

On a terminal the axis stays up afterwards until Ctrl-C; without one, or with --exit, all is stopped, and the exit
code is 0 only if nothing was lost, repeated or reordered. An axis that ran before is used, and left running.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli import output
from deploy.cli.demo_tables import show
from deploy.cli.options import DEFAULT_BASE_PORT, BasePort, DataDir, Settings
from deploy.demo.figures import DEFAULT_DOSSIERS
from deploy.demo.report import Report
from deploy.demo.run import Wish, rehearse
from deploy.local.client import Axis
from deploy.local.errors import RunnerError
from deploy.local.layout import Layout, write_whole
from deploy.local.runner import Options, running, until_stopped
from deploy.local.settings import given_values
from deploy.local.state import running_pid

NOT_OK = 1
INTERRUPTED = 130
MOST_DOSSIERS = 10_000_000

Dossiers = Annotated[
    int,
    typer.Option(
        "--dossiers", min=1, max=MOST_DOSSIERS, help="How many dossiers to replay; 218262 is the whole half year."
    ),
]
ExitWhenDone = Annotated[bool, typer.Option("--exit", help="Stop everything at the end, also on a terminal.")]
ReportFile = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help="Write the figures there, as JSON.", dir_okay=False)
]


def demo(
    dossiers: Dossiers = DEFAULT_DOSSIERS,
    exit_when_done: ExitWhenDone = False,
    report: ReportFile = None,
    base_port: BasePort = DEFAULT_BASE_PORT,
    data_dir: DataDir = None,
    settings: Settings = None,
) -> None:
    """Replay Bình Định's first half of 2023, and account for every status."""
    layout = Layout.at(data_dir)
    if report is not None:
        _require_writable(report)
    given, remarks = given_values(settings or (), os.environ)
    for remark in remarks:
        output.note(remark, style="yellow")
    wish = Wish(dossiers)
    stays_up = sys.stdout.isatty() and not exit_when_done
    if running_pid(layout) is not None:
        if settings:
            raise RunnerError(
                f"An axis runs on {layout.root} already, and --set cannot change it. "
                "Stop it with `truc down` first, or leave --set out."
            )
        done = until_stopped(_on_running(layout, wish, report))
    else:
        options = Options(layout=layout, base_port=base_port, given=given)
        done = until_stopped(_on_own(options, wish, report, stays_up=stays_up))
    if done is None:
        output.note("Interrupted.")
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(0 if done.ok else NOT_OK)


async def _on_running(layout: Layout, wish: Wish, file: Path | None) -> Report:
    output.note(f"Using the axis that runs on {layout.root}; it stays up.")
    return await _rehearse(Axis.at(layout), wish, file, stays_up=True)


async def _on_own(options: Options, wish: Wish, file: Path | None, *, stays_up: bool) -> Report:
    spinner = output.err().status("Starting the axis")
    spinner.start()
    done: Report | None = None
    try:
        async with running(options, output.note) as run:
            spinner.stop()
            axis = Axis(options.layout, run.state())
            done = await _rehearse(axis, wish, file, stays_up=stays_up)
            if stays_up:
                output.say("Ctrl-C stops everything; the data stays.")
                await asyncio.Event().wait()
    except asyncio.CancelledError:
        if done is None:
            raise
    finally:
        spinner.stop()
    assert done is not None
    output.note(f"Stopped. The data is in {options.layout.root}.")
    return done


async def _rehearse(axis: Axis, wish: Wish, file: Path | None, *, stays_up: bool) -> Report:
    output.note(f"Replaying {wish.dossiers:,} dossiers of Bình Định, 1 January to 20 June 2023.")
    done = await rehearse(axis, wish, output.err())
    where = "" if axis.layout == Layout.at(None) else f" --data-dir {shlex.quote(str(axis.layout.root))}"
    show(done, axis.url, where, stays_up=stays_up)
    if file is not None:
        write_whole(file, done.model_dump_json(indent=2) + "\n")
        output.say(f"Report: {file}")
    return done


def _require_writable(file: Path) -> None:
    """Raises RunnerError now rather than after an hour."""
    folder = file.expanduser().absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise RunnerError(f"The report cannot be written to {file}: its folder is not there or not writable.")
