"""The files of this folder that are made from its code."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deploy.observability.dashboards import dashboard_files
from deploy.observability.rules import rule_files, text_of
from deploy.observability.scrape import configuration

FOLDER: Final = Path(__file__).parent


def documents() -> dict[Path, str]:
    """Every one by the file it belongs in."""
    found = {FOLDER / "prometheus" / "prometheus.yml": text_of(configuration("rules/*.yml", "targets/*.json"))}
    found |= {FOLDER / "prometheus" / "rules" / name: text for name, text in rule_files().items()}
    found |= {FOLDER / "grafana" / "dashboards" / name: text for name, text in dashboard_files().items()}
    return found
