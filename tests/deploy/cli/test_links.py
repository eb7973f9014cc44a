"""`truc links`, `truc top` and `truc slo`: what they make of the hub's answers, on a terminal of any width."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import Console

from deploy.cli import output, slo, top
from deploy.cli.links import cells, columns, drawn, short, summary

NARROW = 60


def link(**more: Any) -> dict[str, Any]:
    total = {"count": 1200, "p50_ms": 12.3, "p95_ms": 40.0, "p99_ms": 61.5, "max_ms": 2050.0}
    return {
        "id": "dossier:dossier.status-changed:portal:CapNhatTienDoHoSoMC",
        "type": "dossier.status-changed",
        "consumer": "portal",
        "total": total,
        "oldest_s": 71.4,
        "backlog": 12,
        "retries": 3,
        "dead": 1,
        "trend": "stalled",
        **more,
    }


FOUND = {
    "window": "5m",
    "items": [link(), link(id="b", consumer="sync-dossiers", trend="steady", dead=0, oldest_s=None)],
}


@pytest.mark.parametrize(
    ("ms", "text"),
    [(None, "-"), (0.44, "0.4ms"), (12.3, "12ms"), (3400, "3.4s"), (125_000, "2m05s"), (3_660_000, "1h01m")],
)
def test_durations_are_short(ms: float | None, text: str) -> None:
    assert short(ms) == text


def test_a_row_has_a_cell_for_each_column() -> None:
    for roomy in (True, False):
        assert len(cells(link(), roomy)) == len(columns(roomy)[0])
    assert cells(link(), False) == ["dossier.status-changed > portal", "12ms", "62ms", "71.4s", "stalled"]


def test_the_overview_says_what_is_wrong_first() -> None:
    assert summary(FOUND) == (
        "Stalled: dossier:dossier.status-changed:portal:CapNhatTienDoHoSoMC. 1 dead letter waits for a decision."
    )
    assert summary({"items": [link(trend="steady", dead=0)]}) == "1 link; nothing is stalled, nothing is dead."


@pytest.mark.parametrize("width", [NARROW, 120])
def test_a_table_fits_the_terminal(width: int) -> None:
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(drawn(FOUND, width))
    lines = console.export_text().splitlines()
    assert all(len(line.rstrip()) <= width for line in lines)
    assert "stalled" in "\n".join(lines)


def level(firing: bool) -> dict[str, Any]:
    burn = {
        "factor": 14.4,
        "long_s": 3600,
        "short_s": 300,
        "urgency": "now",
        "long_burn": 20.0,
        "short_burn": 30.0,
        "by": "speed",
        "firing": firing,
    }
    return {"id": "status-on-portal", "name_en": "Visible", "share": 0.99, "within_s": 60.0, "achieved": 0.95,
            "left": -4.0, "bad": 50, "events": 1000, "waiting": 7, "burns": [burn]}  # fmt: skip


def test_the_page_of_top_shows_links_and_alarms() -> None:
    console = Console(width=NARROW, record=True, file=io.StringIO())
    now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    console.print(top.page(FOUND, {"items": [level(True)]}, NARROW, 20, now))
    shown = console.export_text()
    assert "22/11/2026 15:00:00" in shown
    assert "14.4 times too fast" in shown
    assert "sync-dossiers" in shown


def test_a_low_terminal_shows_the_first_links() -> None:
    console = Console(width=NARROW, record=True, file=io.StringIO())
    console.print(top.page(FOUND, {"items": []}, NARROW, 5, datetime(2026, 11, 22, tzinfo=UTC)))
    assert "sync-dossiers" not in console.export_text()


def test_levels_fit_sixty_columns(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(NARROW))
    slo.show({"items": [level(True)]})
    shown = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    assert all(len(line) <= NARROW for line in shown.splitlines())
    text = " ".join(shown.split())
    assert "20.0 times as fast" in text and "Act now" in text
    assert "7 are waiting and late already" in text


def test_quiet_levels_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    slo.show({"items": [level(False)]})
    assert "No error budget burns too fast." in capsys.readouterr().out
    assert output.aligned(("a",), [("b",)], right=set()) == ["a", "b"]
