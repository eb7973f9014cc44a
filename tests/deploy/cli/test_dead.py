"""`truc dead`: what it makes of the answers of the processes."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.cli import dead

LETTER: dict[str, Any] = {
    "id": "01a1",
    "key": "H08.31.21-261122-0001",
    "number": 2,
    "verb": "DongBoHoSoMC",
    "error_code": "-4",
    "reason": "Nội dung không hợp lệ",
    "attempts": 1,
    "at": "2026-11-22T17:31:37Z",
}
EVENT: dict[str, Any] = {
    "consumer": "dossier-answers",
    "key": "task-1",
    "version": 3,
    "type": None,
    "reason": None,
    "attempts": 5,
    "held_at": "2026-11-22T17:31:37Z",
}


def test_each_is_told_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    items = [dead.refused("sync", LETTER), dead.not_applied("dossier", EVENT)]
    dead._show({"items": items, "more": ["dossier"], "silent": ["land"]})
    shown = " ".join(capsys.readouterr().out.split())
    assert "sync: DongBoHoSoMC of H08.31.21-261122-0001, step 2" in shown
    assert "Nội dung không hợp lệ (-4). Tried 1 time, since 23/11/2026 00:31:37." in shown
    assert "dossier: an event nobody can read of task-1, step 3" in shown
    assert "no reason given. Tried 5 times" in shown
    assert "dossier has more" in shown
    assert "land does not answer" in shown
    assert dead.NOTHING not in shown


def test_nothing_is_dead_only_if_everybody_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
    dead._show({"items": [], "more": [], "silent": []})
    assert capsys.readouterr().out.strip() == dead.NOTHING
    dead._show({"items": [], "more": [], "silent": ["sync"]})
    assert dead.NOTHING not in capsys.readouterr().out
