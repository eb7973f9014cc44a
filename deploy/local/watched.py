"""Tells a Prometheus on this machine where the processes of a run are: `prometheus/` in the data folder.

`prometheus --config.file .truc/prometheus/prometheus.yml` is all it takes. The file is JSON, which YAML includes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from deploy.local.layout import Layout, write_whole
from deploy.local.supervisor import Launch
from deploy.observability.scrape import RULES, configuration, targets


def write_targets(layout: Layout, services: Iterable[Launch]) -> None:
    """Write the configuration and the targets of these services, anew on each start."""
    folder = layout.watching
    addresses = {service.name: urlsplit(service.url).netloc for service in services}
    settings = configuration(str(RULES / "*.yml"), str(folder / "targets.json"))
    _write(layout, "targets.json", targets(addresses))
    _write(layout, "prometheus.yml", settings)


def _write(layout: Layout, name: str, content: Any) -> None:
    write_whole(layout.watching / name, json.dumps(content, indent=2) + "\n")
