"""The real axis, as `truc up --detach` starts it: ready, reachable with a token, as small as its table."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import psutil
import pytest

from deploy.local.client import Axis
from deploy.local.layout import Layout
from deploy.local.plan import SOURCE_ROOT, broker_ports
from deploy.local.ports import taken_ports
from deploy.local.topology import PROCESSES
from tests.deploy.conftest import free_base_port

pytestmark = pytest.mark.scenario

MEMORY_LIMIT = 900 * 1024 * 1024


def truc(layout: Layout, *arguments: str) -> subprocess.CompletedProcess[str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("TRUC_")}
    return subprocess.run(
        [sys.executable, "-P", "-m", "deploy.cli", *arguments, "--data-dir", str(layout.root)],
        env=inherited | {"PYTHONPATH": str(SOURCE_ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )


class Started(NamedTuple):
    layout: Layout
    base_port: int
    said: str


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    layout, base_port = Layout(tmp_path_factory.mktemp("axis") / "data"), free_base_port()
    up = truc(layout, "up", "--detach", "--base-port", str(base_port), "--set", "TRUC_SYNC_PROFILE=batch")
    try:
        assert up.returncode == 0, up.stderr
        yield Started(layout, base_port, up.stdout)
    finally:
        truc(layout, "down")


def health(layout: Layout) -> dict[str, Any]:
    return dict(json.loads(truc(layout, "status", "--json").stdout))


def test_it_is_ready_and_says_where(started: Started) -> None:
    for process in PROCESSES:
        assert f"http://127.0.0.1:{started.base_port + process.offset}" in started.said
    document = health(started.layout)
    assert document["ready"] is True
    assert [each["name"] for each in document["processes"]] == ["nats", *(p.name for p in PROCESSES)]


def test_it_is_small_when_idle(started: Started) -> None:
    assert sum(each["memory_bytes"] for each in health(started.layout)["processes"]) < MEMORY_LIMIT


def test_a_token_is_all_that_is_printed_and_opens_the_services(started: Started) -> None:
    printed = truc(started.layout, "token", "one-stop")
    assert printed.returncode == 0 and printed.stderr == ""
    token = printed.stdout.strip()
    assert token.count(".") == 2 and " " not in token
    dossiers = f"http://127.0.0.1:{started.base_port + 20}/v1/dossiers"
    assert httpx.get(dossiers, headers={"Authorization": f"Bearer {token}"}, trust_env=False).status_code == 200
    assert httpx.get(dossiers, trust_env=False).status_code == 401


@pytest.mark.anyio
async def test_commands_speak_to_it_through_the_client(started: Started) -> None:
    axis = Axis.at(started.layout)
    async with axis.client("dossier") as http:
        assert (await http.get("/v1/dossiers")).status_code == 200


def test_the_consumers_there_are_are_those_of_the_table_and_nothing_was_refused(started: Started) -> None:
    """The table grants what is used: no more (the consumers), and no less (no refusal in the log)."""
    _, monitor_port = broker_ports(started.base_port)
    with urllib.request.urlopen(f"http://127.0.0.1:{monitor_port}/jsz?consumers=true&config=true") as answer:
        [account] = json.load(answer)["account_details"]
    [stream] = account["stream_detail"]
    there = {
        consumer["name"]: tuple(
            consumer["config"].get("filter_subjects") or [consumer["config"]["filter_subject"]]
        )
        for consumer in stream.get("consumer_detail", [])
    }
    assert there == {consumer.name: consumer.subjects for p in PROCESSES for consumer in p.consumers}
    assert "Violation" not in started.layout.log("nats").read_text()


def test_a_service_that_is_killed_comes_back(started: Started) -> None:
    before = next(each for each in health(started.layout)["processes"] if each["name"] == "population")
    os.kill(before["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 60
    while True:
        document = health(started.layout)
        after = next(each for each in document["processes"] if each["name"] == "population")
        if document["ready"] and after["restarts"] == before["restarts"] + 1:
            break
        assert time.monotonic() < deadline, document
    assert after["pid"] != before["pid"]
    assert "population was killed by SIGKILL" in started.layout.log("truc").read_text()


def test_down_leaves_nothing_running_and_up_works_again(started: Started) -> None:
    pids = [each["pid"] for each in health(started.layout)["processes"]]
    began = time.monotonic()
    assert truc(started.layout, "down").returncode == 0
    assert time.monotonic() - began < 15
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    assert taken_ports(started.base_port + process.offset for process in PROCESSES) == []
    again = truc(started.layout, "up", "--detach", "--base-port", str(started.base_port))
    assert again.returncode == 0, again.stderr
    assert truc(started.layout, "token", "one-stop").returncode == 0


def test_no_secret_is_in_any_log(started: Started) -> None:
    secrets = {member["secret"] for member in json.loads(started.layout.members.read_text())}
    secrets.add(json.loads(started.layout.portal_account.read_text())["password"])
    for path in Path(started.layout.logs).iterdir():
        text = path.read_text(errors="replace")
        assert not [secret for secret in secrets if secret in text], path
