"""`truc operators`: the accounts of those who use the console: list, add, role, password, disable, enable.

Without a command: the list. A password made by the hub is printed once and stored nowhere.
"""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any, Literal

import typer

from deploy.cli import output
from deploy.cli.calls import call
from deploy.cli.hops import moment
from deploy.cli.options import DataDir
from deploy.local.client import Axis
from deploy.local.layout import Layout
from deploy.local.topology import OPERATOR

app = typer.Typer(help="The accounts of those who use the console.", no_args_is_help=True)
Username = Annotated[str, typer.Argument(metavar="NAME", help="The account, such as an.nguyen.")]
Role = Literal["viewer", "operator", "administrator"]
PAGE = 500


@app.command("list")
def show_all(
    data_dir: DataDir = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show every account."""
    found = _ask(data_dir, "GET", f"/v1/operators?limit={PAGE}")
    if as_json:
        typer.echo(json.dumps(found["items"], indent=2, ensure_ascii=False))
        return
    rows = [
        (each["username"], each["name"], each["role"], each["status"], _when(each["logged_in_at"]))
        for each in found["items"]
    ]
    output.table(("account", "name", "role", "status", "last login"), rows, fold=(1,))


@app.command()
def add(
    username: Username,
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = "viewer",
    data_dir: DataDir = None,
) -> None:
    """Make an account, and print its password."""
    made = _ask(data_dir, "POST", "/v1/operators", {"username": username, "name": name, "role": role})
    output.say(f"{username} may log in as {role}.")
    _tell(made)


@app.command()
def role(username: Username, role: Annotated[Role, typer.Argument()], data_dir: DataDir = None) -> None:
    """Give an account another role; it holds at once."""
    _ask(data_dir, "PATCH", f"/v1/operators/{username}", {"role": role})
    output.say(f"{username} is {role} now.")


@app.command()
def password(username: Username, data_dir: DataDir = None) -> None:
    """Give an account a new password, print it, and end its sessions."""
    _tell(_ask(data_dir, "POST", f"/v1/operators/{username}/password", {}))


@app.command()
def disable(username: Username, data_dir: DataDir = None) -> None:
    """Let nobody log in with an account any more, and end its sessions."""
    _ask(data_dir, "POST", f"/v1/operators/{username}/disable")
    output.say(f"{username} is disabled.")


@app.command()
def enable(username: Username, data_dir: DataDir = None) -> None:
    """Let an account log in again."""
    _ask(data_dir, "POST", f"/v1/operators/{username}/enable")
    output.say(f"{username} may log in again.")


def _tell(made: dict[str, Any]) -> None:
    output.say(f"Password, shown this once: {made['made_password']}")


def _when(text: str | None) -> str:
    at = moment(text)
    return "never" if at is None else f"{at.astimezone():%Y-%m-%d %H:%M}"


def _ask(data_dir: Any, method: str, path: str, body: Any = None) -> dict[str, Any]:
    axis = Axis.at(Layout.at(data_dir))

    async def asked() -> dict[str, Any]:
        async with axis.client("hub", member=OPERATOR) as http:
            answer: dict[str, Any] = (await call(http, method, path, body=body)).json()
        return answer

    return asyncio.run(asked())
