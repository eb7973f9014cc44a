"""`truc token CLIENT`: an access token on stdout and nothing else, for `$(truc token one-stop)`."""

from __future__ import annotations

from typing import Annotated

import httpx
import typer

from deploy.cli.options import DataDir
from deploy.local.client import TIMEOUT, Axis, find_member, read_token, token_request
from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from deploy.local.topology import HUB


def token(
    client: Annotated[str, typer.Argument(metavar="CLIENT", help="The member, such as one-stop.")],
    data_dir: DataDir = None,
) -> None:
    """Print an access token of a member."""
    layout = Layout.at(data_dir)
    member = find_member(layout, client)
    hub_url = Axis.at(layout).url(HUB)
    try:
        with httpx.Client(timeout=TIMEOUT, trust_env=False) as http:
            answer = http.send(token_request(hub_url, member))
    except httpx.HTTPError as error:
        raise RunnerError(
            f"The hub at {hub_url} does not answer ({type(error).__name__}). `truc status` says how it is."
        ) from error
    typer.echo(read_token(answer, client)[0])
