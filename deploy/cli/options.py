"""Options that several commands share, spelled once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deploy.local.layout import DATA_DIR_VARIABLE
from deploy.local.topology import DEFAULT_BASE_PORT

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        envvar=DATA_DIR_VARIABLE,
        show_default=".truc",
        help="The folder that holds data, secrets and logs.",
        file_okay=False,
    ),
]
BasePort = Annotated[
    int,
    typer.Option("--base-port", help="The hub's port; the others follow from it."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="A setting of a service, such as TRUC_SYNC_PROFILE=batch. Repeatable.",
    ),
]

__all__ = ["DEFAULT_BASE_PORT", "BasePort", "DataDir", "Settings"]
