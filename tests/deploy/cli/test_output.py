"""Printing: plain and whole in a pipe, folded on a narrow terminal."""

from __future__ import annotations

import re

import pytest

from deploy.cli import output
from deploy.cli.status import duration

ROWS = [("hub", "http://127.0.0.1:8000", "members, tokens, [the axis] itself"), ("x", "y", "8")]


def test_a_pipe_gets_plain_aligned_columns(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("process", "address", "role"), ROWS, fold=(2,))
    assert capsys.readouterr().out == (
        "process  address                role\n"
        "hub      http://127.0.0.1:8000  members, tokens, [the axis] itself\n"
        "x        y                      8\n"
    )


def test_numbers_are_aligned_to_the_right() -> None:
    assert output.aligned(("n",), [("5",), ("100",)], right={0}) == ["  n", "  5", "100"]


def test_a_narrow_terminal_gets_a_table_that_fits(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "50")
    output.table(("process", "address", "role"), ROWS, fold=(2,))
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    lines = shown.splitlines()
    assert all(len(line) <= 50 for line in lines)
    assert "http://127.0.0.1:8000" in shown
    assert len(lines) > len(ROWS) + 2


def test_an_error_quotes_what_it_was_given(capsys: pytest.CaptureFixture[str]) -> None:
    output.fail("It broke [badly]. Mend it.", ["line [1]"])
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "truc: It broke [badly]. Mend it.\n    line [1]\n"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0s"), (59.9, "59s"), (60, "1m 00s"), (3599, "59m 59s"), (3600, "1h 00m"), (90_000, "1d 1h")],
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text
