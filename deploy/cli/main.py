"""The entry point of `truc`: which commands there are, and what becomes of an error in any of them.

A new command is a function (or a `typer.Typer` holding several) in a file of its own and one row here.
Nothing a command raises reaches the user as a traceback; `TRUC_DEBUG=1` shows it to whoever looks for a
fault in truc.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any

import typer

from deploy.cli import output
from deploy.local.errors import RunnerError

COMMANDS: dict[str, str] = {
    "up": "deploy.cli.up:up",
    "down": "deploy.cli.down:down",
    "status": "deploy.cli.status:status",
    "demo": "deploy.cli.demo:demo",
    "token": "deploy.cli.token:token",
    "operators": "deploy.cli.operators:app",
    "trace": "deploy.cli.trace:trace",
    "links": "deploy.cli.links:links",
    "top": "deploy.cli.top:top",
    "slo": "deploy.cli.slo:slo",
    "dead": "deploy.cli.dead:dead",
    "reconcile": "deploy.cli.reconcile:reconcile",
    "indicators": "deploy.cli.indicators:indicators",
    "clock": "deploy.cli.clock:clock",
    "fault": "deploy.cli.fault:fault",
    "verify": "deploy.cli.verify:verify",
    "doctor": "deploy.cli.doctor:doctor",
    "bench": "bench.cli:app",  # by name only: bench is built on deploy, which must not import it
}
"""Module and attribute of each command, in the order of the help; imported only if it is called."""

INTERRUPTED = 130


def truc(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Trục: the data interconnection axis of a province, on this machine.

    truc up starts everything, truc status says how it is, truc down stops it; the data stays in its folder.
    """
    if version:
        typer.echo(importlib.metadata.version("truc"))
        raise typer.Exit


def guarded(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with its errors turned into a sentence on stderr and an exit code."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except RunnerError as error:
            output.fail(error.message, error.details)
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as interrupt:
            raise typer.Exit(INTERRUPTED) from interrupt
        except BrokenPipeError as error:  # `truc status | head`: nobody is left to tell
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from error
        except (typer.Exit, typer.Abort, typer.BadParameter):
            raise
        except Exception as error:
            if os.environ.get("TRUC_DEBUG"):
                raise
            output.fail(_unexpected(error))
            raise typer.Exit(1) from error

    return run


def _unexpected(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        where = f" ({error.filename})" if error.filename else ""
        return f"The system refused: {error.strerror}{where}. `truc doctor` looks for the cause."
    return (
        f"This is a fault in truc itself: {type(error).__name__}: {error}. "
        "Run the command again with TRUC_DEBUG=1 to see where, and report it."
    )


def wanted(arguments: Sequence[str]) -> Iterable[str]:
    """The one command that is called, or all of them when it takes all to answer (help, a wrong name)."""
    named = next((argument for argument in arguments if not argument.startswith("-")), None)
    return [named] if named in COMMANDS else COMMANDS


def build(names: Iterable[str] = tuple(COMMANDS)) -> typer.Typer:
    """The application with these commands."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich" if sys.stdout.isatty() else None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(truc)
    for name in names:
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if isinstance(command, typer.Typer):
            for info in command.registered_commands:
                if info.callback is not None:
                    info.callback = guarded(info.callback)
            app.add_typer(command, name=name)
        else:
            app.command(name)(guarded(command))
    return app


def main() -> None:
    build(wanted(sys.argv[1:]))(prog_name="truc")


if __name__ == "__main__":
    main()
