"""The hub's own metrics: a metric is a function. Labels are bounded sets, never client ids."""

from __future__ import annotations

from services.bus.kit.measuring import Counter

_tokens = Counter("truc_hub_tokens_total", "Answers of the token endpoint", ("outcome",))


def record_token(outcome: str) -> None:
    """`outcome` is "issued" or an error code of RFC 6749."""
    _tokens.labels(outcome).inc()
