"""`truc bench sync`, small: the mesh, the load, the floor and the report, end to end."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from deploy.local.plan import SOURCE_ROOT

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(300)]


def test_sixty_statuses_are_measured_beside_their_floor() -> None:
    command = ["bench", "sync", "--rate", "20", "--seconds", "3", "--json"]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "deploy.cli", *command],
        env=os.environ | {"PYTHONPATH": str(SOURCE_ROOT)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    document = json.loads(done.stdout)  # its exit code says how fast this machine is, which is no test
    assert done.returncode in (0, 1), done.stderr
    figures = {figure["what"]: figure for figure in document["figures"]}
    assert document["notes"][0].startswith("60 statuses")
    p50, p99 = (figures[f"commit to acknowledgement, {share}"] for share in ("p50", "p99"))
    assert 0 < p50["value"] <= p99["value"]
    assert p50["beside"] > 0 and p50["ratio"] == pytest.approx(p50["value"] / p50["beside"])
    assert (p50["bound"], p99["bound"]) == (10, 60)
    assert done.returncode == (0 if p50["met"] and p99["met"] else 1)
