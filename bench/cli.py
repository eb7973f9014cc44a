"""`truc bench ...`: the benchmarks as commands. Each prints its figures beside their floor or peer, and leaves
with exit code 1 when a bound is not met.

Only parses and shows. What measures is imported when its command is called: `truc --help` must not pay for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from deploy.cli import output
from deploy.local.errors import RunnerError

app = typer.Typer(no_args_is_help=True, help="Measure the axis on this machine: speed and size.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Profile = Literal["strict", "batch"]
Database = Literal["sqlite", "postgresql"]
Registry = Literal["civil", "land"]
Form = Literal["csv", "ndjson"]


@app.command()
def sync(
    rate: Annotated[str, typer.Option(help="Statuses a second, or `max`.")] = "200",
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="How long the load lasts.")] = 30.0,
    profile: Annotated[
        Profile | None, typer.Option(help="Wire profile; without it strict, and for `max` both.")
    ] = None,
    as_json: Json = False,
) -> None:
    """From the commit of a status to the portal's acknowledgement: how long, or how many a second."""
    from bench import sync as paced
    from bench import throughput
    from bench.report import conclude

    if rate == "max":
        chosen: tuple[Profile, ...] = (profile,) if profile is not None else ("strict", "batch")
        results = [throughput.measure(each, seconds, output.note) for each in chosen]
        conclude(
            f"sync, as fast as it goes, {seconds:g} s",
            [figure for result in results for figure in result.figures()],
            as_json=as_json,
            notes=[note for result in results for note in result.notes()],
        )
        return
    number = _rate(rate)
    result = paced.measure(number, seconds, profile or "strict", output.note)
    conclude(
        f"sync at {number:g} statuses/s for {seconds:g} s, {profile or 'strict'} profile",
        result.figures(),
        as_json=as_json,
        notes=result.notes(),
    )


@app.command()
def intake(
    requests: Annotated[int, typer.Option(min=100, help="Dossiers to take in.")] = 10_000,
    clients: Annotated[int, typer.Option(min=1, max=512)] = 32,
    database: Annotated[Database | None, typer.Option(help="Only on this one.")] = None,
    as_json: Json = False,
) -> None:
    """Complete dossiers a second into one process, beside the same endpoint with one session a request."""
    from bench import intake as measured
    from bench.report import conclude

    databases = (database,) if database is not None else ("sqlite", "postgresql")
    conclude(
        f"intake, {requests:,} dossiers, {clients} clients",
        measured.figures(measured.run(requests, clients, databases)),
        as_json=as_json,
        beside="peer",
        notes=["The peer writes the same rows with one async session and one commit a request."],
    )


@app.command()
def observing(
    rate: Annotated[float, typer.Option(min=0.1, max=2000, help="Statuses a second.")] = 200.0,
    seconds: Annotated[float, typer.Option(min=1, max=600, help="How long each turn lasts.")] = 10.0,
    rounds: Annotated[int, typer.Option(min=1, max=50, help="Turns of each side.")] = 9,
    consoles: Annotated[
        int, typer.Option(min=0, max=200, help="Switch open consoles on and off instead of the ledger.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """What watching costs the way of a status, with the ledger and without, by turns; or with open consoles."""
    from bench import observing as measured
    from bench.report import conclude

    result = measured.measure(rate, seconds, rounds, consoles, output.note)
    conclude(
        f"what {result.what} cost at {rate:g} statuses/s, {rounds} turns of {seconds:g} s",
        result.figures(),
        as_json=as_json,
        beside="without",
        notes=result.notes(),
    )


@app.command()
def ledger(
    seconds: Annotated[int, typer.Option(min=1, max=3600, help="Seconds of 2,000 events each.")] = 30,
    database: Annotated[Database | None, typer.Option(help="Only on this one.")] = None,
    as_json: Json = False,
) -> None:
    """Events a second into the latency ledger on one core, beside bare rows in as many commits."""
    from bench import ledger as measured
    from bench.report import conclude

    databases = (database,) if database is not None else ("sqlite", "postgresql")
    results = measured.measure(seconds, databases)
    conclude(
        f"ledger, {seconds} s of {measured.PER_SECOND:,} events",
        [figure for result in results for figure in result.figures()],
        as_json=as_json,
        notes=["The floor is SQLite's, by the CPU time it takes."],
    )


@app.command()
def console(
    dossiers: Annotated[int, typer.Option(min=1_000, help="Dossiers, and dead letters.")] = 1_000_000,
    records: Annotated[int, typer.Option(min=1_000, help="Hop records of a week.")] = 10_000_000,
    database: Annotated[Database | None, typer.Option(help="The hub only on this one.")] = None,
    as_json: Json = False,
) -> None:
    """How soon each page of the console answers in a full province, beside one with a single dossier."""
    from bench.consoles import pages as measured
    from bench.report import conclude

    databases: tuple[Database, ...] = (database,) if database is not None else ("sqlite", "postgresql")
    result = measured.measure(dossiers, records, databases, output.note)
    conclude(
        f"the console among {dossiers:,} dossiers and {records:,} hop records",
        result.figures(),
        as_json=as_json,
        beside="one",
        notes=result.notes(),
    )


@app.command()
def reconciliation(
    dossiers: Annotated[int, typer.Option(min=1_000, help="Dossiers on every side.")] = 200_000,
    as_json: Json = False,
) -> None:
    """Whether all dossiers are there and the same, and how soon one that is not is found and repaired."""
    from bench import reconciliation as measured
    from bench.report import conclude

    result = measured.measure(dossiers, output.note)
    conclude(
        f"nothing is lost among {dossiers:,} dossiers",
        result.figures(),
        as_json=as_json,
        beside="full scan",
        notes=result.notes(),
    )


@app.command()
def outage(
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="How long the portal is away.")] = 60.0,
    rate: Annotated[float, typer.Option(min=0.1, max=2000, help="Statuses a second meanwhile.")] = 10.0,
    as_json: Json = False,
) -> None:
    """The portal goes away under load: what is lost, repeated, reordered, and how soon it has caught up."""
    from bench import outage as measured
    from bench.report import conclude

    result = measured.measure(seconds, rate, output.note)
    conclude(
        f"outage of {seconds:g} s at {rate:g} statuses/s", result.figures(), as_json=as_json, notes=result.notes()
    )


@app.command()
def growth(
    rows: Annotated[int, typer.Option(min=2_000, help="Dossiers in the full mesh.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, max=3)] = 3,
    as_json: Json = False,
) -> None:
    """What a status costs with a thousand dossiers on the tables, and with a million."""
    from bench import growth as measured
    from bench.report import conclude

    result = measured.measure(rows, rounds, output.note)
    conclude(
        f"cost of a status, {rows:,} dossiers beside {measured.SMALL:,}",
        result.figures(),
        as_json=as_json,
        beside="small",
        notes=result.notes(),
    )


@app.command()
def up(
    idle: Annotated[float, typer.Option(min=0, max=600, help="Seconds to rest before memory is read.")] = 5.0,
    as_json: Json = False,
) -> None:
    """How long `truc up` takes, and how much memory everything holds when idle."""
    from bench import footprint
    from bench.report import conclude

    result = footprint.measure(output.note, idle_s=idle)
    conclude("truc up", result.figures(), as_json=as_json)


@app.command()
def births(
    rate: Annotated[float, typer.Option(min=0.1, max=1000, help="Interlinked births a second.")] = 20.0,
    seconds: Annotated[float, typer.Option(min=1, max=3600, help="How long the load lasts.")] = 20.0,
    as_json: Json = False,
) -> None:
    """An interlinked birth, all systems answering at once: from receipt to the last status on the portal."""
    from bench import births as measured
    from bench.report import conclude

    result = measured.measure(rate, seconds, output.note)
    conclude(
        f"interlinked births at {rate:g}/s for {seconds:g} s",
        result.figures(),
        as_json=as_json,
        beside="one status",
        notes=result.notes(),
    )


@app.command()
def lookups(
    records: Annotated[int, typer.Option(min=1_000, help="Records in each registry.")] = 1_000_000,
    rate: Annotated[float, typer.Option(min=1, max=10_000, help="Questions a second.")] = 200.0,
    seconds: Annotated[float, typer.Option(min=1, max=600, help="How long each kind is asked.")] = 10.0,
    database: Annotated[Literal["sqlite", "postgresql", "both"], typer.Option(help="On which.")] = "both",
    keep: Annotated[
        Path | None, typer.Option(file_okay=False, help="Where full databases are kept for the next time.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Civil and land lookups by key and by name, and likely duplicates, over a million records each."""
    from bench import lookups as measured
    from bench.report import conclude

    chosen = measured.available(database)
    result = measured.measure(records, rate, seconds, chosen, keep, output.note)
    conclude(
        f"lookups over {records:,} records at {rate:g}/s",
        result.figures(),
        as_json=as_json,
        notes=result.notes(),
    )


@app.command("import")
def bulk_import(
    rows: Annotated[int, typer.Option(min=1_000, help="Rows of each file.")] = 100_000,
    registry: Annotated[Registry | None, typer.Option(help="Only into this one.")] = None,
    database: Annotated[Database, typer.Option(help="On this database.")] = "sqlite",
    form: Annotated[Form, typer.Option("--format", help="Of the files.")] = "csv",
    as_json: Json = False,
) -> None:
    """A file of citizens, one of births, one of parcels, a request each: rows a second, and memory meanwhile."""
    from bench import imports as measured
    from bench.report import conclude

    chosen = (registry,) if registry is not None else measured.REGISTRIES
    results = measured.measure(rows, (database,), chosen, form, output.note)
    conclude(
        f"import, {rows:,} rows, {form}",
        [figure for result in results for figure in result.figures()],
        as_json=as_json,
        notes=[result.note() for result in results],
        more={"memory": {result.registry: [vars(each) for each in result.samples] for result in results}},
    )


def _rate(given: str) -> float:
    try:
        number = float(given)
    except ValueError:
        number = 0.0
    if not 0 < number <= 100_000:
        raise RunnerError(f"--rate {given} is neither a number of statuses a second nor `max`.")
    return number
