"""`truc trace`: two views of the same steps laid together."""

from __future__ import annotations

from typing import Any

from deploy.cli.trace import traced


def timeline_step(version: int, *, state: str = "acknowledged", reason: str | None = None) -> dict[str, Any]:
    sync = {"state": state, "reason": reason}
    return {"version": version, "status": 2, "at": f"2023-01-02T01:00:0{version}.000Z", "sync": sync}


def lane_step(version: int) -> dict[str, Any]:
    at = f"2023-01-02T01:00:0{version}"
    return {
        "version": version,
        "published_at": f"{at}.001Z",
        "received_at": f"{at}.003Z",
        "sent_at": f"{at}.006Z",
        "acknowledged_at": f"{at}.010Z",
        "attempts": 1,
    }


def test_each_hop_is_told_from_the_one_before() -> None:
    timeline = {"steps": [timeline_step(1)]}
    [step] = traced(timeline, {"steps": [lane_step(1)]})
    hops = (step.published_ms, step.received_ms, step.sent_ms, step.acknowledged_ms, step.total_ms)
    assert hops == (1.0, 2.0, 3.0, 4.0, 10.0)
    assert step.in_dossier and step.status_name == "Received"


def test_a_step_on_its_way_has_the_hops_it_has() -> None:
    timeline = {"steps": [timeline_step(1), timeline_step(2, state="pending")]}
    on_its_way = {**lane_step(2), "sent_at": None, "acknowledged_at": None, "attempts": 0}
    [_, second] = traced(timeline, {"steps": [lane_step(1), on_its_way]})
    assert (second.received_ms, second.sent_ms, second.total_ms) == (2.0, None, None)
    assert not second.in_dossier


def test_a_dossier_sync_has_not_heard_of_has_its_commits() -> None:
    [step] = traced({"steps": [timeline_step(1, state="refused", reason="no")]}, None)
    assert (step.published_ms, step.total_ms, step.attempts, step.reason) == (None, None, 0, "no")
