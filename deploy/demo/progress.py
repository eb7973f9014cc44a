"""How a rehearsal is coming along: bars on a terminal, a line now and then where there is none.

All of it goes to stderr: stdout is for results.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

CITIZENS, DOSSIERS, STATUSES, PORTAL = "citizens", "dossiers", "statuses", "portal in step"
LINE_EVERY_S: Final = 5.0
LINE_SHARE: Final = 0.1


class Shown:
    """What is counted, and up to what. Use it as a context; `set` as often as you like."""

    def __init__(self, console: Console, totals: dict[str, int]) -> None:
        self._totals = totals
        self._done = dict.fromkeys(totals, 0)
        self._console = console
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._started = self._last_line = time.monotonic()
        if console.is_terminal:
            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=None),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=console,
                expand=True,
            )
            self._tasks = {
                name: self._bars.add_task(name.capitalize(), total=total, start=False)
                for name, total in totals.items()
            }

    def __enter__(self) -> Shown:
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()
        else:
            self._line()

    def add(self, name: str, count: int) -> None:
        """So many more."""
        self.set(name, self._done[name] + count)

    def set(self, name: str, done: int) -> None:
        """So many in all."""
        if done == self._done[name]:
            return
        self._done[name] = done
        if self._bars is not None:
            self._bars.start_task(self._tasks[name])
            self._bars.update(self._tasks[name], completed=done)
            if done >= self._totals[name]:
                self._bars.stop_task(self._tasks[name])
        elif time.monotonic() - self._last_line >= self._pause():
            self._line()

    def _pause(self) -> float:
        """Longer and longer: an hour is told in about fifty lines."""
        return max(LINE_EVERY_S, (self._last_line - self._started) * LINE_SHARE)

    def _line(self) -> None:
        self._last_line = time.monotonic()
        counts = ", ".join(
            f"{name} {self._done[name]:,}/{total:,}" for name, total in self._totals.items() if total
        )
        self._console.print(f"{self._last_line - self._started:4.0f} s  {counts}", soft_wrap=True, markup=False)
