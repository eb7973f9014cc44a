"""The four dashboards: overview, a link, a process, the broker."""

from __future__ import annotations

import json
from typing import Final

from deploy.observability.dashboards.broker import BROKER
from deploy.observability.dashboards.link import LINK
from deploy.observability.dashboards.overview import OVERVIEW
from deploy.observability.dashboards.process import PROCESS

DASHBOARDS: Final = (OVERVIEW, LINK, PROCESS, BROKER)


def dashboard_files() -> dict[str, str]:
    """Every dashboard by the name of its file."""
    return {
        f"{each.uid}.json": json.dumps(each.document(), ensure_ascii=False, indent=1) + "\n" for each in DASHBOARDS
    }
