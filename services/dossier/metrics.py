"""Metrics of the dossier service: a metric is a function. Labels are bounded sets, never codes or names."""

from __future__ import annotations

from prometheus_client import Counter

_papers = Counter("truc_dossier_papers_total", "Papers that came to dossiers", ("purpose", "how"))
_refused = Counter("truc_dossier_uploads_refused_total", "Uploads refused for their content", ("rule",))


def record_paper(purpose: str, how: str) -> None:
    """`purpose`: attachment or result. `how`: uploaded or reused."""
    _papers.labels(purpose, how).inc()


def record_refused(rule: str) -> None:
    """`rule`: which one the file broke, as the problem names it."""
    _refused.labels(rule).inc()
