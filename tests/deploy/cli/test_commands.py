"""The commands as somebody at a terminal meets them: exit codes, stdout, and errors as sentences."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest
from typer.testing import CliRunner

from deploy.cli.main import build, wanted
from deploy.local.layout import Layout
from deploy.local.plan import SOURCE_ROOT
from deploy.local.ports import taken_ports
from deploy.local.state import read_state, running_pid
from deploy.local.topology import BROKER_OFFSET
from tests.deploy.conftest import LaunchModule, wait_for_line

NARROW = 60


class Answer(NamedTuple):
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


def truc(*arguments: str, **environment: str) -> Answer:
    """Call the command in this process."""
    result = CliRunner().invoke(build(wanted(arguments)), arguments, env=environment, prog_name="truc")
    return Answer(result.exit_code, result.stdout, result.stderr)


def truc_process(*arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Call the command as a process of its own."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("TRUC_")}
    return subprocess.run(
        [sys.executable, "-P", "-m", "deploy.cli", *arguments],
        env=inherited | {"PYTHONPATH": str(SOURCE_ROOT)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
    )


@pytest.fixture
def tiny_axis(layout: Layout, base_port: int, launch_module: LaunchModule) -> subprocess.Popen[str]:
    process = launch_module("tests.deploy.tiny.axis", str(layout.root), str(base_port))
    wait_for_line(process, "up")
    return process


def test_help_names_every_command() -> None:
    shown = truc_process("--help")
    assert shown.returncode == 0
    for command in ("up", "down", "status", "token", "doctor"):
        assert f" {command} " in shown.stdout


def test_the_default_data_folder_is_in_the_current_one(tmp_path: Path) -> None:
    assert str(tmp_path / ".truc") in truc_process("down", cwd=tmp_path).stdout
    assert str(tmp_path / "other") in truc_process("down", cwd=tmp_path, TRUC_DATA_DIR="other").stdout


def test_status_and_down_where_nothing_runs(layout: Layout) -> None:
    status = truc("status", "--data-dir", str(layout.root))
    assert status.returncode == 1
    assert status.stdout == f"Nothing is running on {layout.root}. Start it with truc up.\n"
    down = truc("down", "--data-dir", str(layout.root))
    assert (down.returncode, down.stdout) == (0, f"Nothing is running on {layout.root}.\n")


def test_status_json_where_nothing_runs(layout: Layout) -> None:
    status = truc("status", "--json", "--data-dir", str(layout.root))
    assert status.returncode == 1
    document = json.loads(status.stdout)
    assert (document["ready"], document["phase"], document["processes"]) == (False, "down", [])


def test_status_tells_how_each_process_is(
    layout: Layout, base_port: int, tiny_axis: subprocess.Popen[str]
) -> None:
    status = truc("status", "--json", "--data-dir", str(layout.root))
    assert status.returncode == 0
    document = json.loads(status.stdout)
    assert document["ready"] is True and document["pid"] == tiny_axis.pid
    [nats, tiny] = document["processes"]
    assert (nats["name"], nats["port"]) == ("nats", base_port + BROKER_OFFSET)
    assert (tiny["name"], tiny["ready"], tiny["why"], tiny["restarts"]) == ("tiny", True, None, 0)
    assert tiny["memory_bytes"] == pytest.approx(psutil.Process(tiny["pid"]).memory_full_info().pss, rel=0.2)

    table = truc("status", "--data-dir", str(layout.root))
    assert table.returncode == 0
    header, *rows = table.stdout.splitlines()
    assert header.split() == ["process", "state", "port", "pid", "up", "memory", "restarts"]
    assert rows[1].split()[:4] == ["tiny", "ready", str(base_port + 10), str(tiny["pid"])]
    assert all(len(line) <= NARROW for line in table.stdout.splitlines())


def test_status_says_what_is_not_ready_and_why(
    layout: Layout, base_port: int, tiny_axis: subprocess.Popen[str]
) -> None:
    state = read_state(layout)
    assert state is not None and state.processes[1].pid is not None
    os.kill(state.processes[1].pid, signal.SIGSTOP)
    status = truc("status", "--data-dir", str(layout.root))
    assert status.returncode == 1
    assert "NOT READY" in status.stdout
    assert "tiny is not ready: it does not answer within" in status.stdout


def test_down_stops_it_all(layout: Layout, base_port: int, tiny_axis: subprocess.Popen[str]) -> None:
    down = truc("down", "--data-dir", str(layout.root))
    assert (down.returncode, down.stdout) == (0, f"Stopped. The data is in {layout.root}.\n")
    assert tiny_axis.wait(timeout=5) == 0
    assert running_pid(layout) is None
    assert taken_ports([base_port + 10, base_port + BROKER_OFFSET]) == []


def test_up_on_data_in_use_says_what_runs_there(
    layout: Layout, base_port: int, tiny_axis: subprocess.Popen[str]
) -> None:
    second = truc_process("up", "--data-dir", str(layout.root), "--base-port", str(base_port + 1000))
    assert second.returncode == 1
    assert f"already running on {layout.root}" in second.stderr and f"pid {tiny_axis.pid}" in second.stderr
    assert "truc down" in second.stderr


def test_up_detached_passes_on_why_it_failed(layout: Layout, base_port: int, tiny_axis: object) -> None:
    second = truc("up", "--detach", "--data-dir", str(layout.root), "--base-port", str(base_port + 1000))
    assert second.returncode == 1
    assert f"already running on {layout.root}" in second.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["up", "--set", "TRUC_POPULATION_PROT=1"], "Did you mean TRUC_POPULATION_PORT"),
        (["up", "--set", "TRUC_POPULATION_PORT=high"], "TRUC_POPULATION_PORT=high does not fit"),
        (["up", "--set", "nonsense"], "nonsense is not KEY=VALUE"),
        (["up", "--base-port", "70000"], "70000 cannot be the base port"),
        (["up", "--base-port", "many"], "valid integer"),
        (["token", "one-stop"], "There are no members"),
        (["sync"], "No such command"),
    ],
)
def test_mistakes_are_answered_with_a_sentence(layout: Layout, arguments: list[str], words: str) -> None:
    answer = truc(*arguments, TRUC_DATA_DIR=str(layout.root))
    assert answer.returncode in (1, 2)
    assert answer.stdout == ""
    assert words in " ".join(answer.stderr.split())
    assert "Traceback" not in answer.stderr


def test_a_data_folder_that_is_a_file_is_answered_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    answer = truc("up", "--data-dir", str(tmp_path / "file" / "below"))
    assert answer.returncode == 1
    assert "cannot be written" in answer.stderr and "Traceback" not in answer.stderr


def test_an_unknown_member_is_answered_with_those_there_are(
    layout: Layout, tiny_axis: subprocess.Popen[str]
) -> None:
    answer = truc("token", "nobody", "--data-dir", str(layout.root))
    assert answer.returncode == 1 and answer.stdout == ""
    assert "There is no member nobody. There are: one-stop, operator, tiny." in answer.stderr


def test_the_doctor_fails_when_something_is_wrong(layout: Layout) -> None:
    answer = truc("doctor", "--data-dir", str(layout.root), "--base-port", "70000")
    assert answer.returncode == 1
    assert "fail  ports: 70000 cannot be the base port" in answer.stdout
    assert "1 of 10 checks failed." in answer.stdout
