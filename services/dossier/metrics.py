"""Metrics of the dossier service: a metric is a function. Labels are bounded sets, never codes or names."""

from __future__ import annotations

from services.bus.kit.measuring import Counter

_papers = Counter("truc_dossier_papers_total", "Papers that came to dossiers", ("purpose", "how"))
_refused = Counter("truc_dossier_uploads_refused_total", "Uploads refused for their content", ("rule",))

_overdue = Counter("truc_dossier_tasks_overdue_total", "Tasks that no system answered in time")
_answers = Counter("truc_dossier_task_answers_total", "Answers to tasks over the axis", ("effect",))


def record_overdue(tasks: int) -> None:
    """So many have just become late."""
    _overdue.inc(tasks)


def record_answer(effect: str) -> None:
    """`effect`: applied, corrected, repeated, late or rejected."""
    _answers.labels(effect).inc()


def record_paper(purpose: str, how: str) -> None:
    """`purpose`: attachment or result. `how`: uploaded or reused."""
    _papers.labels(purpose, how).inc()


def record_refused(rule: str) -> None:
    """`rule`: which one the file broke, as the problem names it."""
    _refused.labels(rule).inc()
