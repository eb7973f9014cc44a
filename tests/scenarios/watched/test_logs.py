"""Logs are one JSON object a line, with their trace, and name nobody."""

from __future__ import annotations

import json
import re

import pytest

from deploy.local.topology import PROCESSES
from tests.scenarios.watched.playing import PLANTED, Watched

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(300)]


def test_no_log_names_anybody_and_lines_have_their_trace(watched: Watched) -> None:
    folder = watched.province.mesh.layout.logs
    logs = {path.name: path.read_text("utf-8", errors="replace") for path in folder.iterdir()}
    assert {f"{process.name}.log" for process in PROCESSES} <= logs.keys()
    for name, text in logs.items():
        assert [each for each in PLANTED if each in text] == [], name
    for process in PROCESSES:
        lines = [line for line in logs[f"{process.name}.log"].splitlines() if not line.startswith("---")]
        entries = [json.loads(line) for line in lines]
        assert {each["service"] for each in entries} == {process.name}
        assert all(each["timestamp"] and each["level"] and each["event"] for each in entries)
        requests = [each for each in entries if each["event"] == "request.slow-or-failed"]
        assert all(re.fullmatch("[0-9a-f]{32}", each["trace"]) for each in requests)
