"""The real Prometheus on a running province."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from deploy.local.topology import PROCESSES
from deploy.observability.dashboards import DASHBOARDS
from deploy.observability.objectives import recordings
from deploy.observability.panels import Panel
from deploy.observability.rules import all_alerts
from services.bus.kit.testing import free_port
from tests.scenarios.watched.playing import Watched, until

pytestmark = [pytest.mark.scenario, pytest.mark.timeout(300)]


PROVOKED = {"TrucTokensRefused"}
"""By the tests beside this one."""


def test_prometheus_scrapes_them_and_answers_every_question(
    watched: Watched,
    prometheus: str,
    tmp_path: Path,
) -> None:
    """The real Prometheus with the configuration `truc up` wrote: all targets up, every rule and query runs, and
    an exemplar leads to the dossier's trace."""
    folder = watched.province.mesh.layout.watching
    configuration = json.loads((folder / "prometheus.yml").read_text("utf-8"))
    configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    configuration["scrape_configs"][0]["scrape_timeout"] = "1s"
    (tmp_path / "prometheus.yml").write_text(json.dumps(configuration))
    port = free_port()
    server = subprocess.Popen(
        [
            prometheus,
            f"--config.file={tmp_path / 'prometheus.yml'}",
            f"--storage.tsdb.path={tmp_path / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--enable-feature=exemplar-storage",
            "--log.level=error",
        ],
        stderr=subprocess.PIPE,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=20, trust_env=False) as http:
            until(lambda: up(http) == {process.name for process in PROCESSES}, "all targets up")
            time.sleep(3)
            groups = http.get("/rules").json()["data"]["groups"]
            rules = [rule for group in groups for rule in group["rules"]]
            assert len(rules) == len(all_alerts()) + len(list(recordings()))
            assert all(rule["health"] in ("ok", "unknown") and not rule.get("lastError") for rule in rules)
            alerts = http.get("/query", params={"query": "ALERTS"}).json()["data"]["result"]
            assert {each["metric"]["alertname"] for each in alerts} <= PROVOKED, "nothing is wrong with it"
            for dashboard in DASHBOARDS:
                for panel in (part for part in dashboard.parts if isinstance(part, Panel)):
                    for query in panel.queries:
                        answer = http.get("/query", params={"query": filled(query.expr)}).json()
                        assert answer["status"] == "success", (panel.title.en, answer)
            shown = http.get(
                "/query", params={"query": 'truc_service_level_events_total{level="status-on-portal"}'}
            )
            assert float(shown.json()["data"]["result"][0]["value"][1]) >= 4
            lasting = {
                "query": "truc_sync_hop_seconds_bucket",
                "start": time.time() - 3600,
                "end": time.time() + 60,
            }
            series = http.get("/query_exemplars", params=lasting).json()["data"]
            traces = {each["labels"]["trace_id"] for one in series for each in one["exemplars"]}
            assert any(watched.collector.of(trace) for trace in traces)
    finally:
        server.terminate()
        server.wait(20)
        if server.stderr is not None:
            server.stderr.close()


def up(http: httpx.Client) -> set[str]:
    try:
        answer = http.get("/targets")
    except httpx.HTTPError:
        return set()
    if answer.status_code != httpx.codes.OK:  # it is still starting
        return set()
    targets = answer.json()["data"]["activeTargets"]
    return {each["labels"]["process"] for each in targets if each["health"] == "up"}


def filled(query: str) -> str:
    """What Grafana makes of it."""
    for name in ("link", "consumer", "process"):
        query = query.replace(f"${name}", ".+")
    return query.replace("$__rate_interval", "1m")
