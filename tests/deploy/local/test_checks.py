"""The doctor's checks: what is well is ok, what is not comes with advice."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from deploy.local import checks
from deploy.local.checks import examine, free_ports, postgresql
from deploy.local.layout import Layout


def test_a_machine_that_can_run_the_axis_passes(tmp_path: Path, base_port: int) -> None:
    layout = Layout(tmp_path / "not" / "there" / "yet")
    findings = {finding.name: finding for finding in examine(layout, base_port, {})}
    assert set(findings) == {
        "python",
        "packages",
        "nats-server",
        "data folder",
        "disk space",
        "flush to disk",
        "ports",
        "time zone",
        "clock",
        "postgresql",
    }
    assert not [finding for finding in findings.values() if finding.outcome == "fail"]
    assert findings["nats-server"].detail.startswith("v2.")
    assert not layout.root.exists()


def test_a_taken_port_is_found(layout: Layout, base_port: int) -> None:
    with socket.create_server(("127.0.0.1", base_port + 10)):
        finding = free_ports(layout, base_port)
    assert finding.outcome == "fail"
    assert f"{base_port + 10} (population)" in finding.detail and str(os.getpid()) in finding.detail
    assert "--base-port" in finding.advice


def test_an_impossible_base_port_is_found(layout: Layout) -> None:
    assert free_ports(layout, 70_000).outcome == "fail"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_found(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    finding = checks.data_dir(Layout(tmp_path / "data"))
    assert finding.outcome == "fail" and "--data-dir" in finding.advice


def test_a_database_that_was_chosen_and_is_not_there_is_found(base_port: int) -> None:
    url = f"postgresql+psycopg://truc:secret@127.0.0.1:{base_port}/dossier"
    finding = postgresql({"TRUC_DOSSIER_DATABASE_URL": url})
    assert finding.outcome == "fail"
    assert "TRUC_DOSSIER_DATABASE_URL" in finding.detail
    assert "secret" not in finding.detail
