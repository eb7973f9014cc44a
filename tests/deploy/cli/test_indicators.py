"""`truc indicators` and `truc clock`: what they print of what the hub answers."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.cli.clock import _list as show_list
from deploy.cli.clock import _show as show_clock
from deploy.cli.indicators import _show as show_values
from deploy.local.layout import Layout
from tests.deploy.cli.test_commands import NARROW, truc


def value(name: str, above: int | None, below: int | None, points: float | None) -> dict[str, Any]:
    known = above is not None and below
    return {
        "id": name,
        "numerator": {"value": above},
        "denominator": {"value": below},
        "percent": 100 * (above or 0) / below if known and below else None,
        "points": points,
        "why_en": None if known else "nobody has given it.",
    }


def test_indicators_fit_a_narrow_screen(capsys: pytest.CaptureFixture[str]) -> None:
    group = {
        "number": "3",
        "name_en": "Online payment",
        "points": 8.5,
        "points_known": 8,
        "points_max": 10,
        "indicators": [
            value("procedures-payable-online", 218_262, 218_262, 2.0),
            value("petitions-on-time", None, None, None),
        ],
    }
    show_values({"first_day": "2023-01-01", "last_day": "2023-06-20", "dossiers": 218_262, "groups": [group]})
    shown = capsys.readouterr().out.splitlines()
    assert shown[0] == "2023-01-01 to 2023-06-20: 218,262 dossiers received"
    assert "3 Online payment: 8.50 of 10 points, 2 not known" in shown
    assert "procedures-payable-online  218,262/218,262  100.00    2.00" in shown
    assert shown[-1] == "petitions-on-time: nobody has given it."
    assert all(len(line) <= NARROW for line in shown)


def test_the_clock_fits_a_narrow_screen(capsys: pytest.CaptureFixture[str]) -> None:
    line = {
        "agency_name": "Ủy ban nhân dân phường Nhơn Bình",
        "due_today": 12,
        "overdue": 3_456,
        "suspended": 7,
        "running": 89_012,
    }
    long = {**line, "agency_name": "Sở Nông nghiệp và Phát triển nông thôn tỉnh Bình Định"}
    totals = {"due_today": 24, "overdue": 6_912, "suspended": 14, "running": 178_024}
    show_clock({**totals, "oldest_overdue": "2023-05-08T10:00:00Z", "lines": [line, long] * 15}, "office")
    shown = capsys.readouterr().out.splitlines()
    assert shown[1] == "The oldest has been overdue since 08/05/2023 17:00."
    assert shown[3].split()[:3] == ["phường", "Nhơn", "Bình"]
    assert shown[-1] == "These are the first 20 of 30."
    assert all(len(each) <= NARROW for each in shown[1:])


def test_a_list_of_the_clock_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    reason = {"en": "2023-05-06 is no working day: Saturday."}
    item = {"code": "H08.31.21-230505-0001", "due_at": "2023-05-08T10:00:00Z", "moved": True, "reasons": [reason]}
    show_list({"items": [item], "next_cursor": None})
    assert capsys.readouterr().out.splitlines() == [
        "H08.31.21-230505-0001  08/05/2023 17:00, moved by a pause",
        "  2023-05-06 is no working day: Saturday.",
    ]


@pytest.mark.parametrize("command", ["indicators", "clock"])
def test_without_an_axis_they_say_so(layout: Layout, command: str) -> None:
    answer = truc(command, "--data-dir", str(layout.root))
    assert answer.returncode == 1
    assert "Nothing is running" in answer.stderr


def test_an_example_needs_no_axis() -> None:
    answer = truc("indicators", "--example", "dong-thap")
    assert answer.returncode == 0, answer.stderr
    assert "Đồng Tháp, 2024 (REPORT 0)" in answer.stdout
    assert answer.stdout.rstrip().endswith("Every figure is the published one.")
