"""Links and comparisons as the ledger and sync tell them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.bus.hub.console.reconciliation import Comparison
from services.bus.hub.ledger.views import Durations, LinkView

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


def link(type_: str = "dossier.status-changed", consumer: str = "portal", **more: Any) -> LinkView:
    total = Durations(count=10, skewed=0, mean_ms=20.0, p50_ms=12.0, p95_ms=40.0, p99_ms=61.5, max_ms=80.0)
    values: dict[str, Any] = {
        "id": f"dossier:{type_}:{consumer}",
        "source": "dossier",
        "type": type_,
        "consumer": consumer,
        "verb": None,
        "total": total,
        "rate": 1.0,
        "oldest_at": None,
        "oldest_s": None,
        "backlog": 0,
        "held": 0,
        "dead": 0,
        "retries": 0,
        "duplicates": 0,
        "dead_letters": 0,
        "discarded": 0,
        "trend": "steady",
        "as_of": NOW,
    }
    return LinkView(**{**values, **more})


def comparison(lost: int = 0, **differences: int) -> Comparison:
    held = {"province": 10, "axis": 10, "portal": 10 - lost}
    return Comparison(
        id="1",
        state="done",
        started_at=NOW,
        finished_at=NOW,
        by="operator:an",
        error=None,
        lost=lost,
        differences=differences,
        counted={"dossiers": held, "statuses": held},
        seconds=0.5,
    )
