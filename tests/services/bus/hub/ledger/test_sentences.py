"""The sentence that explains a delay, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from services.bus.hub.ledger.sentences import duration, explanation
from services.bus.kit import receipts

S, MS = 1_000_000, 1_000


def hops(**micros: int | None) -> list[tuple[str, int | None]]:
    return [(name, micros.get(name)) for name in ("publish", "broker", "lane", "errors", "call")]


CASES: list[tuple[int | None, list[tuple[str, int | None]], dict[str, Any], str, str]] = [
    (
        41 * S,
        hops(publish=2 * S, broker=3 * MS, lane=S - 3 * MS, errors=38 * S, call=100 * MS),
        {"to_portal": True, "attempts": 4, "trouble": "away"},
        "late 41 s: 38 s portal errors (3 times: 502, 503, 504), 2.0 s outbox, 997 ms waiting its turn",
        "chậm 41 s: 38 s lỗi của Cổng (3 lần: 502, 503, 504), 2,0 s hộp thư đi, 997 ms chờ đến lượt",
    ),
    (
        12 * MS,
        hops(publish=4 * MS, broker=2 * MS, lane=6 * MS),
        {},
        "late 12 ms: 6 ms handler, 4 ms outbox, 2 ms broker",
        "chậm 12 ms: 6 ms xử lý, 4 ms hộp thư đi, 2 ms chờ ở trục",
    ),
    (
        3 * 3600 * S,
        hops(publish=3 * 3600 * S - 5 * S, broker=5 * S, lane=1),
        {},
        "late 3 h 0 min: 2 h 59 min outbox",
        "chậm 3 giờ 0 phút: 2 giờ 59 phút hộp thư đi",
    ),
    (
        5 * S,
        hops(publish=0, broker=0, lane=0, errors=4 * S, call=S),
        {"to_portal": True, "attempts": 2, "trouble": "?"},
        "late 5.0 s: 4.0 s portal errors (1 time), 1.0 s portal call",
        "chậm 5,0 s: 4,0 s lỗi của Cổng (1 lần), 1,0 s gọi Cổng",
    ),
    (
        5 * S,
        hops(publish=0, broker=0, lane=0, errors=4 * S, call=S),
        {"to_portal": True},
        "late 5.0 s: 4.0 s portal errors (circuit open), 1.0 s portal call",
        "chậm 5,0 s: 4,0 s lỗi của Cổng (đang ngắt mạch), 1,0 s gọi Cổng",
    ),
    (0, hops(publish=0, broker=0, lane=0), {}, "late 0 ms", "chậm 0 ms"),
    (
        -5,
        hops(publish=-5),
        {},
        "clocks disagree: the time cannot be told",
        "đồng hồ của các tiến trình lệch nhau: không tính được",
    ),
    (
        5 * S,
        hops(publish=6 * S, broker=-S),
        {},
        "clocks disagree: the time cannot be told",
        "đồng hồ của các tiến trình lệch nhau: không tính được",
    ),
    (None, hops(), {}, "nobody knows when it began", "không rõ lúc bắt đầu"),
    (
        S,
        hops(),
        {"outcome": receipts.HELD},
        "has to wait for an earlier event",
        "phải chờ một sự kiện trước nó",
    ),
]


@pytest.mark.parametrize(("total", "parts", "more", "en", "vi"), CASES)
def test_where_the_time_went(
    total: int | None, parts: list[tuple[str, int | None]], more: dict[str, Any], en: str, vi: str
) -> None:
    assert explanation(total, parts, **more) == (vi, en)


@pytest.mark.parametrize("outcome", [receipts.DUPLICATE, receipts.HELD, receipts.DEAD, receipts.DISCARDED])
def test_every_other_ending_has_its_words(outcome: int) -> None:
    assert all(explanation(S, hops(), outcome=outcome))


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (400, "0 ms"), (999_499, "999 ms"), (999_600, "1.0 s"), (9_949_999, "9.9 s"), (9_950_000, "10 s"),
        (119 * S, "119 s"), (120 * S, "2 min"), (7199 * S, "120 min"), (7200 * S, "2 h 0 min"),
    ],
)  # fmt: skip
def test_durations_read_as_one_says_them(micros: int, text: str) -> None:
    assert duration(micros, "en") == text
