"""The rules of Prometheus: what the code says now, right to promtool, each alert seen to fire and to be silent."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.catalogue.service_levels import service_levels
from deploy.observability import objectives
from deploy.observability.documents import FOLDER, documents
from deploy.observability.rules import all_alerts
from services.bus.hub.ledger.levels import RULES

COMPARISON = re.compile(r" (>=|>|==|<) (?=[\d.])")
TESTS = sorted((FOLDER / "tests").glob("*.yml"))


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_the_file_is_not_stale(path: Path) -> None:
    assert path.exists() and path.read_text("utf-8") == documents()[path], "run `make contracts` and commit it"


def test_no_file_is_left_from_before() -> None:
    made = {path.relative_to(FOLDER) for path in documents()}
    there = {
        path.relative_to(FOLDER)
        for part in ("prometheus", "grafana/dashboards")
        for path in (FOLDER / part).rglob("*.*")
    }
    assert there == made


def run(*command: str) -> str:
    done = subprocess.run(command, cwd=FOLDER / "prometheus", capture_output=True, text=True, timeout=120)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def test_promtool_takes_the_configuration_and_the_rules(promtool: str) -> None:
    said = run(promtool, "check", "config", "prometheus.yml")
    assert "2 rule files found" in said and "duplicate" not in said


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_the_alerts_fire_when_they_have_to(promtool: str, path: Path) -> None:
    assert "SUCCESS" in run(promtool, "test", "rules", str(path))


def test_promtool_notices_a_rule_that_is_wrong(promtool: str, tmp_path: Path) -> None:
    """The tests above are of use: with every comparison turned round they fail."""
    for path in (FOLDER / "prometheus" / "rules").glob("*.yml"):
        turned = COMPARISON.sub(lambda m: " < " if m[1] in (">", ">=") else " > ", path.read_text("utf-8"))
        (tmp_path / path.name).write_text(turned)
    for path in TESTS:
        copy = tmp_path / f"test-{path.name}"
        copy.write_text(path.read_text("utf-8").replace("../prometheus/rules/", f"{tmp_path}/"))
        done = subprocess.run([promtool, "test", "rules", str(copy)], capture_output=True, text=True, timeout=110)
        assert done.returncode != 0, path.name


def expected() -> set[str]:
    """Alerts that some promtool test expects to fire."""
    text = "".join(path.read_text("utf-8") for path in TESTS)
    return set(re.findall(r'alertname="(\w+)"', text)) | set(re.findall(r"alertname: (\w+)", text))


def test_every_alert_has_its_promtool_test() -> None:
    assert {each.name for each in all_alerts()} == expected()


def test_every_service_level_has_every_window() -> None:
    alerts = list(objectives.alerts())
    burns = {dict(each.labels)["level"] + dict(each.labels)["window"] for each in alerts if "Burns" in each.name}
    assert burns == {
        f"{level.id}{objectives.duration(rule.long_s)}" for level in service_levels() for rule in RULES
    }
    assert {objectives.duration(rule.long_s) for rule in RULES} == {"1h", "6h", "3d"}
    assert {objectives.duration(rule.short_s) for rule in RULES} == {"5m", "30m", "6h"}
    assert [rule.factor for rule in RULES] == [14.4, 6, 1]


def test_every_alert_says_how_bad_it_is_and_what_it_is_in_both_languages() -> None:
    for name in ("alerts.yml", "service-levels.yml"):
        content: dict[str, Any] = yaml.safe_load((FOLDER / "prometheus" / "rules" / name).read_text("utf-8"))
        for rule in (rule for group in content["groups"] for rule in group["rules"] if "alert" in rule):
            assert rule["labels"]["severity"] in ("page", "ticket")
            said = rule["annotations"]
            assert said["summary"] and said["summary_vi"] and said["summary"] != said["summary_vi"]
            assert said["runbook"].startswith("docs/runbooks/")
