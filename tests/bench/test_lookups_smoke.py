"""`truc bench lookups`, small: filling, both registries, the floor and the report, end to end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.questions import QUESTIONS
from deploy.local.plan import SOURCE_ROOT

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(300)]


def test_every_question_is_asked_beside_its_floor(tmp_path: Path) -> None:
    command = ["bench", "lookups", "--records", "2000", "--rate", "50", "--seconds", "1", "--database", "sqlite"]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "deploy.cli", *command, "--keep", str(tmp_path), "--json"],
        env=os.environ | {"PYTHONPATH": str(SOURCE_ROOT)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    document = json.loads(done.stdout)  # its exit code says how fast this machine is, which is no test
    assert done.returncode in (0, 1), done.stderr
    figures = {figure["what"]: figure for figure in document["figures"]}
    for registry, questions in QUESTIONS.items():
        for question in questions:
            p50, p95, p99 = (
                figures[f"{registry}, sqlite: {question.what}, {share}"] for share in ("p50", "p95", "p99")
            )
            assert 0 < p50["value"] <= p95["value"] <= p99["value"]
            assert p50["beside"] > 0
            assert (p50["bound"], p99["bound"]) == ((None, 60) if question.duplicates else (5, 25))
    assert done.returncode == (0 if all(figure["met"] is not False for figure in figures.values()) else 1)
    assert any("OpenCRVS" in note for note in document["notes"])
    assert sorted(path.suffix for path in tmp_path.glob("*2000*")) == [".db", ".db", ".json", ".json"]
