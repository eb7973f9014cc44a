"""What changed on a link when: told once, and when it is over."""

from __future__ import annotations

from datetime import timedelta

from services.bus.hub.console.changes import Figures, changes
from tests.services.bus.hub.console.making import NOW

MINUTE = timedelta(minutes=1)


def figures(
    *p95: float | None, retries: dict[int, int] | None = None, dead: dict[int, int] | None = None
) -> list[Figures]:
    return [
        Figures(NOW + MINUTE * place, ms, (retries or {}).get(place, 0), (dead or {}).get(place, 0))
        for place, ms in enumerate(p95)
    ]


def test_a_steady_link_has_no_history() -> None:
    assert changes(figures(*[100.0, 120.0, 90.0] * 10)) == []
    assert changes([]) == []


def test_slower_and_back_are_each_told_once() -> None:
    back, slower = changes(figures(*[100.0] * 8, *[3000.0] * 5, *[110.0] * 5))
    assert (slower.kind, slower.at, slower.before_ms, slower.now_ms) == ("slower", NOW + MINUTE * 8, 100.0, 3000.0)
    assert (back.kind, back.now_ms, back.lasted_s) == ("faster", 110.0, 300.0)


def test_a_few_milliseconds_more_are_no_news() -> None:
    assert changes(figures(*[2.0] * 8, *[30.0] * 5)) == []


def test_what_has_no_time_is_passed_over() -> None:
    assert changes(figures(*[100.0] * 5, None, None, *[100.0] * 5)) == []


def test_failures_begin_and_end() -> None:
    healed, began = changes(figures(*[100.0] * 12, retries={3: 7, 5: 1}))
    assert (began.kind, began.at, began.n) == ("failing", NOW + MINUTE * 3, 7)
    assert (healed.kind, healed.at) == ("healed", NOW + MINUTE * 8)


def test_the_dead_are_counted() -> None:
    [died] = changes(figures(*[100.0] * 4, dead={2: 5}))
    assert (died.kind, died.n) == ("died", 5)
