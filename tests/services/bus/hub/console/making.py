"""Links and what the comparison knows, as the ledger and sync tell them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.bus.hub.console.continuous import Continuous, read
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


def told(on_portal: int = 0, on_axis: int = 0, **more: Any) -> dict[str, Any]:
    """What sync says of the comparison that never ends, when so many dossiers differ."""
    held = {side: {"dossiers": 10, "rows": 25} for side in ("province", "axis", "portal")}
    sides = {side: number for side, number in (("portal", on_portal), ("axis", on_axis)) if number}
    last = {
        "started_at": NOW.isoformat(),
        "finished_at": NOW.isoformat(),
        "seconds": 0.5,
        "until": NOW.isoformat(),
        "ranges": 1,
        "looked_into": 0,
        "equal": not sides,
        "counts": held,
        "digests": {},
    }
    return {
        "last": last,
        "comparing": False,
        "error": None,
        "portal": "extents",
        "open": on_portal + on_axis,
        "repairing": 0,
        "open_by_kind": {"missing": on_portal + on_axis} if sides else {},
        "dossiers": on_portal + on_axis,
        "dossiers_by_side": sides,
        **more,
    }


def continuous(on_portal: int = 0, on_axis: int = 0, **more: Any) -> Continuous:
    return read(told(on_portal, on_axis, **more))


def difference(code: str = "H08-230301-0001", **more: Any) -> dict[str, Any]:
    """As sync tells it."""
    values: dict[str, Any] = {
        "id": "0af1",
        "state": "open",
        "kind": "missing",
        "side": "portal",
        "code": code,
        "version": 2,
        "at": None,
        "cause": "removed-at-portal",
        "detail": {},
        "repairable": True,
        "found_at": NOW.isoformat(),
        "seen_at": NOW.isoformat(),
        "repair_at": None,
        "repair_by": None,
        "closed_at": None,
    }
    return {**values, **more}
