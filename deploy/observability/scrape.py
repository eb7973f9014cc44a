"""What Prometheus is told: where the processes are, and where its rules lie. Plain data, which `truc up` writes
into its data folder too.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

JOB: Final = "truc"
SCRAPED_EVERY: Final = "15s"
EVALUATED_EVERY: Final = "15s"
RULES: Final = Path(__file__).parent / "prometheus" / "rules"


def configuration(rules: str, targets: str) -> dict[str, Any]:
    """Prometheus' own configuration: rule files by this pattern, targets from files by that one."""
    return {
        "global": {"scrape_interval": SCRAPED_EVERY, "evaluation_interval": EVALUATED_EVERY},
        "rule_files": [rules],
        "scrape_configs": [
            {
                "job_name": JOB,
                "scrape_timeout": "10s",
                "file_sd_configs": [{"files": [targets], "refresh_interval": "30s"}],
            }
        ],
    }


def targets(addresses: Mapping[str, str]) -> list[dict[str, Any]]:
    """Processes by name with their `host:port`, as file_sd reads them. The label `process` is in every rule."""
    return [{"targets": [address], "labels": {"process": name}} for name, address in addresses.items()]
