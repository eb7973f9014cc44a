"""Log files stay bounded, and the end of this run's part can be quoted."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.local.logs import last_lines, open_log, readable, rotate


def test_a_small_file_stays(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("x")
    rotate(log, max_bytes=1)
    assert log.read_text() == "x"
    rotate(tmp_path / "absent.log")


def test_a_large_file_moves_aside_and_only_so_many_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    for number in range(6):
        log.write_text(f"run {number}")
        rotate(log, max_bytes=1, keep=3)
    assert not log.exists()
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {"a.log.1": "run 5", "a.log.2": "run 4", "a.log.3": "run 3"}


def test_only_this_runs_last_lines_are_quoted(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("of an earlier run\n")
    stream, offset = open_log(log, "a")
    with stream:
        stream.write("một\n\nhai \nba\n".encode() + b"\xff\n")
    assert last_lines(log, since=offset, count=3) == ["hai", "ba", "\ufffd"]
    assert "of an earlier run" in log.read_text(errors="replace")
    assert last_lines(tmp_path / "absent.log") == []


TRACEBACK = "Traceback (most recent call last):\\n  File x\\n    f()\\nValueError: no"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("plain words", "plain words"),
        ('{"a": 1}', '{"a": 1}'),
        ("[1]", "[1]"),
        ('{"event": "service.started", "port": 8000, "level": "info"}', "service.started port=8000"),
        (
            f'{{"event": "died", "task": "relay", "exception": "{TRACEBACK}"}}',
            "died task=relay: ValueError: no",
        ),
        (f'{{"event": "{TRACEBACK}", "level": "error"}}', "ValueError: no"),
    ],
)
def test_a_structured_entry_is_shown_as_words(line: str, shown: str) -> None:
    assert readable(line) == shown


def test_of_a_traceback_only_what_was_raised_is_quoted(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text(
        "before\nTraceback (most recent call last):\n  File x\n    f()\nKeyError: 1\n\nDuring it:\n\n"
        "Traceback (most recent call last):\n  File y\nValueError: no\n  more about it\n"
    )
    assert last_lines(log) == ["before", "KeyError: 1", "During it:", "ValueError: no", "  more about it"]
