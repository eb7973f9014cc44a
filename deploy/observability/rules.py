"""The rule files of Prometheus, as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from deploy.observability import objectives
from deploy.observability.alerts import ALERTS, Alert
from deploy.observability.scrape import EVALUATED_EVERY

HEADER = "# Made by `python -m deploy.documents` from deploy/observability. Do not edit.\n"


def all_alerts() -> list[Alert]:
    """Those of the service levels and those of everything else."""
    return [*objectives.alerts(), *ALERTS]


def rule_files() -> dict[str, str]:
    """Every rule file by its name."""
    recorded = [{"record": name, "expr": query} for name, query in objectives.recordings()]
    levels = [
        {"name": "truc-service-levels", "interval": EVALUATED_EVERY, "rules": recorded},
        _group("truc-burn", objectives.alerts()),
    ]
    return {
        "service-levels.yml": text_of({"groups": levels}),
        "alerts.yml": text_of({"groups": [_group("truc", ALERTS)]}),
    }


def _group(name: str, alerts: Iterable[Alert]) -> dict[str, Any]:
    return {"name": name, "interval": EVALUATED_EVERY, "rules": [_rule(each) for each in alerts]}


def _rule(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "expr": alert.query,
        "for": alert.holds,
        "labels": {"severity": alert.severity, **dict(alert.labels)},
        "annotations": {"summary": alert.summary.en, "summary_vi": alert.summary.vi, "runbook": alert.runbook},
    }


def text_of(content: dict[str, Any]) -> str:
    """As it stands in its file."""
    return HEADER + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)
