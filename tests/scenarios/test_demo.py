"""`truc demo` as somebody without a terminal runs it: everything started, replayed, accounted for, stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from contracts.status import is_legal_history
from deploy.demo.plan import plan
from deploy.local.layout import Layout
from deploy.local.plan import SOURCE_ROOT
from deploy.local.ports import taken_ports
from deploy.local.state import running_pid
from deploy.local.topology import PROCESSES
from tests.deploy.conftest import free_base_port

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(600)]

DOSSIERS = 60
NARROW = 60


class Ran(NamedTuple):
    """One `truc demo`, and what it left behind."""

    layout: Layout
    base_port: int
    process: subprocess.CompletedProcess[str]
    report: dict[str, Any]


def truc(layout: Layout, *arguments: str) -> subprocess.CompletedProcess[str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("TRUC_")}
    return subprocess.run(
        [sys.executable, "-P", "-m", "deploy.cli", *arguments, "--data-dir", str(layout.root)],
        env=inherited | {"PYTHONPATH": str(SOURCE_ROOT), "COLUMNS": str(NARROW)},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    folder = tmp_path_factory.mktemp("demo")
    layout, base_port, file = Layout(folder / "data"), free_base_port(), folder / "report.json"
    process = truc(
        layout,
        *("demo", "--exit", "--dossiers", str(DOSSIERS), "--report", str(file), "--base-port", str(base_port)),
    )
    try:
        assert file.exists(), process.stderr
        yield Ran(layout, base_port, process, json.loads(file.read_text()))
    finally:
        truc(layout, "down")


def test_nothing_is_lost_repeated_or_reordered(ran: Ran) -> None:
    assert ran.process.returncode == 0, ran.process.stdout + ran.process.stderr
    planned = sum(len(each.statuses) for each in plan(DOSSIERS))
    report = ran.report
    statuses = report["statuses"]
    assert statuses > planned  # what systems bring about is not planned, and is accounted for all the same
    assert (report["lost"], report["duplicated"], report["out_of_order"], report["findings"]) == (0, 0, 0, [])
    assert report["dossiers"] == DOSSIERS
    for side in ("province", "axis", "portal"):
        assert report[side] == {"dossiers": DOSSIERS, "statuses": statuses}, side


def test_every_status_has_been_timed(ran: Ran) -> None:
    latency = ran.report["latency_ms"]
    assert ran.report["latency_of"] == ran.report["statuses"]
    assert 0 < latency["p50"] <= latency["p95"] <= latency["p99"] <= latency["max"]
    assert ran.report["intake_per_s"] > 0 and ran.report["sync_per_s"] > 0 and ran.report["seconds"] > 0


def test_population_said_of_the_applicants_what_was_planned(ran: Ran) -> None:
    planned = [each.stated for each in plan(DOSSIERS)]
    said = ran.report["verification"]
    for outcome in ("matched", "mismatched", "not_found"):
        assert said[outcome] == planned.count(outcome), outcome
    assert said["pending"] == 0


def test_the_tables_are_readable_on_a_narrow_page(ran: Ran) -> None:
    said = ran.process.stdout
    for line in ("Reconciliation", "Province = axis = portal: lost 0, duplicated 0, out of order 0."):
        assert line in said
    tables = [line for line in said.splitlines() if line.startswith(("commit to", "told to", "portal", "10 "))]
    assert len(tables) >= 4 and all(len(line) <= NARROW for line in tables)
    assert "Traceback" not in said + ran.process.stderr


def test_nothing_is_left_running(ran: Ran) -> None:
    assert running_pid(ran.layout) is None
    assert taken_ports(ran.base_port + process.offset for process in PROCESSES) == []


@pytest.fixture(scope="module")
def again(ran: Ran) -> Iterator[Path]:
    """The axis once more on the same data, with a second rehearsal on it."""
    up = truc(ran.layout, "up", "--detach", "--base-port", str(ran.base_port))
    try:
        assert up.returncode == 0, up.stderr
        file = ran.layout.root / "second.json"
        second = truc(ran.layout, "demo", "--exit", "--dossiers", "5", "--report", str(file))
        assert second.returncode == 0, second.stdout + second.stderr
        yield file
    finally:
        truc(ran.layout, "down")


def test_a_running_axis_is_used_and_only_what_is_new_is_counted(ran: Ran, again: Path) -> None:
    report = json.loads(again.read_text())
    assert (report["dossiers"], report["province"]["dossiers"], report["lost"]) == (5, 5, 0)
    assert running_pid(ran.layout) is not None


def test_histories_are_legal_and_can_be_traced_and_reconciled(ran: Ran, again: Path) -> None:
    compared = json.loads(truc(ran.layout, "reconcile", "--json").stdout)
    assert compared["counts"]["dossiers"]["portal"] == DOSSIERS + 5
    assert not any(compared["counts"]["findings"].values())
    codes = _codes(ran)
    assert len(codes) == DOSSIERS + 5
    for code in codes[:3]:
        traced = json.loads(truc(ran.layout, "trace", code, "--json").stdout)
        assert is_legal_history(step["status"] for step in traced["steps"])
        assert all(step["in_dossier"] and step["total_ms"] > 0 for step in traced["steps"])
    unknown = truc(ran.layout, "trace", "H08-230101-9999")
    assert unknown.returncode == 1 and unknown.stderr.startswith("truc: There is no dossier H08-230101-9999.")


def _codes(ran: Ran) -> list[str]:
    token = truc(ran.layout, "token", "one-stop").stdout.strip()
    url = f"http://127.0.0.1:{ran.base_port + 20}/v1/export"
    answer = httpx.get(url, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=60)
    lines = [json.loads(line) for line in answer.text.splitlines()]
    for line in lines:
        assert is_legal_history(status for _, status, _ in line["steps"]), line
    return [line["code"] for line in lines]


def test_a_fault_is_set_shown_and_cleared(ran: Ran, again: Path) -> None:
    assert truc(ran.layout, "fault", "set", "--latency", "uniform:1:2", "--seed", "7").returncode == 0
    shown = json.loads(truc(ran.layout, "fault", "show", "--json").stdout)
    assert (shown["plan"]["seed"], shown["plan"]["latency"]["distribution"]) == (7, "uniform")
    assert truc(ran.layout, "fault", "clear").returncode == 0
    assert truc(ran.layout, "fault", "show").stdout == "Nothing goes wrong at the portal.\n"


def test_a_report_that_cannot_be_written_is_refused_before_anything_starts(tmp_path: Path) -> None:
    refused = truc(Layout(tmp_path / "data"), "demo", "--report", str(tmp_path / "nowhere" / "r.json"))
    assert refused.returncode == 1
    assert refused.stderr.startswith("truc: The report cannot be written to")
    assert not (tmp_path / "data").exists()


def test_systems_carried_out_their_share(ran: Ran) -> None:
    ended = [each["completed"] + each["partly"] + each["refused"] for each in ran.report["by_systems"]]
    assert sum(ended) == DOSSIERS // 5
    assert sum(each["completed"] for each in ran.report["by_systems"]) > 0
