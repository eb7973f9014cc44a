"""`truc trace`: two views of the same steps laid together, and the steps of the systems."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from deploy.cli import output
from deploy.cli import trace_systems as systems
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


def task(step: str, state: str = "completed", *answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "step": step,
        "title": f"Step {step}",
        "system": "civil",
        "state": state,
        "requested_at": "2023-01-02T01:00:01.000Z",
        "due_at": "2023-01-02T10:00:00Z",
        "overdue_at": None,
        "note": "",
        "refusal": None,
        "answers": list(answers),
        **more,
    }


def answer(kind: str, received: str | None, at: str, heard: str | None, effect: str = "applied") -> dict[str, Any]:
    day = "2023-01-02T01:00:"
    return {
        "kind": kind,
        "effect": effect,
        "received_at": f"{day}{received}Z" if received is not None else None,
        "at": f"{day}{at}Z",
        "heard_at": f"{day}{heard}Z" if heard is not None else None,
    }


def hops_of(answer: systems.TracedAnswer) -> tuple[float | None, ...]:
    return (answer.received_ms, answer.answered_ms, answer.heard_ms, answer.total_ms)


def test_a_systems_step_is_told_from_request_to_the_last_answer() -> None:
    told = (
        answer("accepted", "01.020", "01.025", "01.032"),
        answer("completed", "01.020", "01.125", "01.130"),
    )
    [step] = systems.traced([task("birth", "completed", *told)])
    assert [each.said for each in step.answers] == ["accepted", "completed"]
    assert [hops_of(each) for each in step.answers] == [(20.0, 5.0, 7.0, 32.0), (None, 100.0, 5.0, 130.0)]


def test_an_answer_whose_way_nobody_noted_has_the_hops_it_has() -> None:
    [step] = systems.traced([task("tax", "completed", answer("completed", None, "01.500", None))])
    assert [hops_of(each) for each in step.answers] == [(None, 500.0, None, None)]


def test_what_an_operator_reads_of_the_steps(capsys: pytest.CaptureFixture[str]) -> None:
    refusal = {"code": "not-registered", "vi": "Chưa đăng ký.", "en": "Nothing is registered."}
    tasks = [
        task("death", "completed", answer("completed", "01.020", "01.025", "01.032")),
        task("deregistration", "refused", answer("refused", "01.020", "01.025", "01.032"), refusal=refusal),
        task("allowance", "cancelled", requested_at=None),
        task("survivor", "skipped", requested_at=None),
        task("paper", "awaits_supplement", answer("needs_supplement", None, "01.9", "01.9"), note="A copy"),
        task("tax", "requested", overdue_at="2023-01-03T01:00:00Z"),
        task("twice", "completed", answer("completed", None, "01.9", "01.9", effect="repeated")),
    ]
    systems.show(systems.traced(tasks))
    said = capsys.readouterr().out
    for line in (
        "Step allowance       Civil registry  -             cancelled",
        "Step survivor",
        "Step deregistration was refused: Nothing is registered.",
        "Step paper waits for papers: A copy",
        "Step tax: overdue since 03/01/2023 08:00, due 02/01/2023 17:00.",
        "completed (repeated)",
        "none yet",
        "not needed",
        "wants papers",
    ):
        assert line in said, line


def test_an_officers_dossier_has_no_such_table(capsys: pytest.CaptureFixture[str]) -> None:
    systems.show([])
    assert capsys.readouterr().out == ""


def test_a_narrow_terminal_gets_steps_by_id(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(output, "out", lambda: Console(width=60, force_terminal=True, color_system=None))
    systems.show(systems.traced([task("death", "completed", answer("completed", "01.020", "01.025", "01.032"))]))
    said = capsys.readouterr().out
    assert max(len(line) for line in said.splitlines()) <= 60
    assert " death  completed" in said and "Civil registry" not in said
