"""Progress: lines without a terminal, bars that fit a narrow one."""

from __future__ import annotations

import io

from rich.console import Console

from deploy.demo.progress import CITIZENS, DOSSIERS, Shown


def test_without_a_terminal_there_is_one_line_at_the_end_at_least() -> None:
    out = io.StringIO()
    with Shown(Console(file=out), {CITIZENS: 5_000, DOSSIERS: 60}) as shown:
        shown.add(CITIZENS, 5_000)
        shown.set(DOSSIERS, 59)
        shown.set(DOSSIERS, 60)
    assert out.getvalue().strip().endswith("citizens 5,000/5,000, dossiers 60/60")


def test_bars_fit_sixty_columns() -> None:
    out = io.StringIO()
    with Shown(Console(file=out, force_terminal=True, width=60, color_system=None), {DOSSIERS: 218_262}) as shown:
        shown.set(DOSSIERS, 218_262)
    drawn = out.getvalue()
    assert "218262/218262" in drawn and "Dossiers" in drawn
    assert all(len(line) <= 80 for line in drawn.replace("\r", "\n").splitlines())
