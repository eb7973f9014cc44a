"""How commands print: colours and tables on a terminal of any width, plain aligned text everywhere else.

What a script may read goes to stdout; progress and errors go to stderr. Errors are sentences, never
tracebacks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

Row = Sequence[str]


def out() -> Console:
    return Console(highlight=False, soft_wrap=False)


@cache
def err() -> Console:
    """One for all: a line printed while a spinner turns must come from the console that draws it."""
    return Console(stderr=True, highlight=False)


def say(text: str = "", *, style: str | None = None) -> None:
    """One line of ordinary output; a terminal folds it at words, a pipe gets it whole."""
    console = out()
    console.print(escape(text), style=style, soft_wrap=not console.is_terminal)


def note(text: str, *, style: str | None = "dim") -> None:
    """Progress and remarks, on stderr."""
    console = err()
    console.print(escape(text), style=style, soft_wrap=not console.is_terminal)


def fail(message: str, details: Iterable[str] = ()) -> None:
    """An error on stderr: what was wrong and what to do, then what there is to quote."""
    console = err()
    whole = not console.is_terminal
    console.print(f"[bold red]truc:[/] {escape(message)}", soft_wrap=whole)
    for line in details:
        console.print(f"    {escape(line)}", style="dim", soft_wrap=whole)


def table(header: Row, rows: Sequence[Row], *, right: Iterable[int] = (), fold: Iterable[int] = ()) -> None:
    """Print rows under a header.

    Columns in `right` are numbers; those in `fold` give way on a narrow screen.
    """
    console = out()
    if not console.is_terminal:
        for line in aligned(header, rows, right=set(right)):
            console.print(line, markup=False, soft_wrap=True)
        return
    drawn = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for index, title in enumerate(header):
        drawn.add_column(
            title,
            justify="right" if index in set(right) else "left",
            no_wrap=index not in set(fold),
            overflow="fold",
        )
    for row in rows:
        drawn.add_row(*(escape(cell) for cell in row))
    console.print(drawn)


def aligned(header: Row, rows: Sequence[Row], *, right: set[int]) -> list[str]:
    """The same as plain lines: columns two spaces apart, nothing cut off."""
    lines = [header, *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(header))]
    return [
        "  ".join(
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]


def labelled(label: str, style: str, text: str) -> None:
    """A line that begins with a coloured word: `ok    python: 3.11.7`."""
    console = out()
    console.print(f"[{style}]{label:<4}[/]  {escape(text)}", soft_wrap=not console.is_terminal)
