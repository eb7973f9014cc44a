"""`truc fault`: what is to go wrong at the stand-in portal, set while the axis runs.

A plan replaces the one before it; the same plan and the same calls give the same faults (`--seed`).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import typer
from pydantic import ValidationError

from contracts.times import to_vn
from deploy.cli import output
from deploy.cli.calls import call
from deploy.cli.options import DataDir
from deploy.local.client import Axis
from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from gateway.portal.faults import FaultPlan

fault = typer.Typer(no_args_is_help=True, help="Make the stand-in portal fail, on purpose.")
PATH: Final = "/v1/faults"
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Rate = Annotated[float | None, typer.Option(min=0.0, max=1.0, metavar="SHARE")]

_LATENCIES: Final[dict[str, tuple[str, ...]]] = {
    "constant": ("ms",),
    "uniform": ("min_ms", "ms"),
    "lognormal": ("ms", "sigma"),
    "pareto": ("ms", "alpha"),
}


@fault.command("show")
def show_faults(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Say what goes wrong now, and what has."""
    _print(_ask(data_dir, "GET"), as_json)


@fault.command("set")
def set_faults(
    outage: Annotated[
        float | None, typer.Option(min=0.001, max=86_400, metavar="SECONDS", help="Be away for so long.")
    ] = None,
    outage_manner: Annotated[str, typer.Option(help="How it is away: 503, or drop (the connection).")] = "503",
    latency: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC", help="Milliseconds: 50, uniform:20:80, lognormal:50:0.5 (median, sigma), pareto:20:2."
        ),
    ] = None,
    error_rate: Rate = None,
    rubbish_rate: Rate = None,
    timeout_rate: Rate = None,
    timeout_seconds: Annotated[float | None, typer.Option(metavar="SECONDS")] = None,
    expire_sessions_rate: Rate = None,
    lost_reply_rate: Rate = None,
    refuse: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=VALUE", help="Refuse calls in which FIELD has this value. Repeatable."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same faults.")] = 0,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Replace the faults: what is not named does not go wrong."""
    given: dict[str, Any] = {
        "error_rate": error_rate,
        "rubbish_rate": rubbish_rate,
        "timeout_rate": timeout_rate,
        "timeout_seconds": timeout_seconds,
        "expire_sessions_rate": expire_sessions_rate,
        "lost_reply_rate": lost_reply_rate,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    if outage is not None:
        wanted["outage"] = {"for_seconds": outage, "manner": outage_manner}
    if latency is not None:
        wanted["latency"] = parse_latency(latency)
    if refuse:
        wanted["refuse"] = [parse_rule(each) for each in refuse]
    if not wanted:
        raise RunnerError(
            "Nothing is to go wrong. Name a fault, such as --outage 60; `truc fault clear` ends all."
        )
    _print(_ask(data_dir, "PUT", checked({**wanted, "seed": seed})), as_json)


@fault.command("clear")
def clear_faults(data_dir: DataDir = None) -> None:
    """Let nothing go wrong any more."""
    _ask(data_dir, "DELETE")
    output.say("Nothing goes wrong at the portal any more.")


def parse_latency(text: str) -> dict[str, Any]:
    """`50`, `constant:50`, `uniform:20:80`, `lognormal:50:0.5` or `pareto:20:2` as the portal's plan has it.

    Raises RunnerError.
    """
    name, *numbers = text.split(":")
    if not numbers:
        name, numbers = "constant", [name]
    fields = _LATENCIES.get(name)
    if fields is None or len(numbers) != len(fields):
        raise RunnerError(
            f"--latency {text} cannot be read. Write 50, uniform:20:80, lognormal:50:0.5 or pareto:20:2."
        )
    try:
        values = {field: float(number) for field, number in zip(fields, numbers, strict=True)}
    except ValueError as error:
        raise RunnerError(
            f"--latency {text} has something else than numbers in it. Write for example lognormal:50:0.5."
        ) from error
    return {"distribution": name, **values}


def parse_rule(text: str) -> dict[str, str]:
    """`MaTTHC=1.001570` as the portal's plan has it. Raises RunnerError."""
    field, equals, value = text.partition("=")
    if not equals or not field:
        raise RunnerError(f"--refuse {text} is not FIELD=VALUE. Write for example --refuse MaTTHC=1.001570.")
    return {"field": field, "equals": value}


def checked(wanted: dict[str, Any]) -> dict[str, Any]:
    """The plan, if the portal would take it. Raises RunnerError naming the option that does not fit."""
    try:
        return FaultPlan.model_validate(wanted).model_dump(mode="json", exclude_none=True)
    except ValidationError as error:
        first = error.errors()[0]
        option = "--" + "-".join(str(part) for part in first["loc"]).replace("_", "-")
        raise RunnerError(f"{option} does not fit: {first['msg']}.") from error


def _ask(data_dir: Any, method: str, body: Any = None) -> dict[str, Any]:
    return asyncio.run(_call(Axis.at(Layout.at(data_dir)), method, body))


async def _call(axis: Axis, method: str, body: Any) -> dict[str, Any]:
    async with axis.client("portal") as http:
        answer = await call(http, method, PATH, body=body)
        return dict(answer.json()) if answer.content else {}


def _print(state: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(state, indent=2, ensure_ascii=False))
        return
    for line in described(state):
        output.say(line)


def described(state: dict[str, Any]) -> Sequence[str]:
    """The plan in force and what it has done, in words."""
    plan = state["plan"]
    if plan is None:
        return ["Nothing goes wrong at the portal."]
    lines = [f"Faults since {_clock(state['since'])} (seed {plan['seed']}):"]
    if state["outage_until"] is not None:
        lines.append(f"  away until {_clock(state['outage_until'])} ({plan['outage']['manner']})")
    if plan["latency"] is not None:
        lines.append(f"  latency {_latency(plan['latency'])}")
    for name, value in plan.items():
        if name.endswith("_rate") and value:
            lines.append(f"  {name.removesuffix('_rate').replace('_', ' ')}: {100 * value:g} % of calls")
    lines += [f"  refused: {rule['field']} = {rule['equals']}" for rule in plan["refuse"]]
    injected = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in state["injected"].items())
    lines.append(f"So far: {state['calls']:,} calls; {injected or 'nothing went wrong'}.")
    return lines


def _latency(latency: dict[str, Any]) -> str:
    name = latency["distribution"]
    return f"{name}:{':'.join(f'{latency[field]:g}' for field in _LATENCIES[name])} ms"


def _clock(text: str) -> str:
    return f"{to_vn(datetime.fromisoformat(text)):%H:%M:%S}"
