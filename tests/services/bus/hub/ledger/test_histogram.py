"""The histogram: at most 5 % off, exact where it says so, the same however it is put together."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from services.bus.hub.ledger.histogram import (
    ACCURACY,
    BOUNDS_US,
    Histogram,
    bound_below,
    bucket_of,
    high_quantile,
    packed,
    unpacked,
    value_of,
)

durations = st.lists(st.integers(min_value=0, max_value=10**13), min_size=1, max_size=60)


def of(values: list[int]) -> Histogram:
    made = Histogram()
    for value in values:
        made.add(value)
    return made


@given(st.integers(min_value=2, max_value=10**13))
def test_a_value_is_at_most_five_percent_off(micros: int) -> None:
    assert abs(value_of(bucket_of(micros)) - micros) <= micros * (ACCURACY + 1e-9)


@given(durations, st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_is_that_of_the_values(values: list[int], share: float) -> None:
    exact = sorted(values)[max(math.ceil(share * len(values)), 1) - 1]
    found = of(values).quantile(share)
    assert found is not None and abs(found - exact) <= exact * (ACCURACY + 1e-9) + 1


@given(durations, durations)
def test_merged_is_the_same_as_counted_together(ours: list[int], theirs: list[int]) -> None:
    merged, together = of(ours), of(ours + theirs)
    merged.merge(of(theirs))
    assert (merged.buckets, merged.count, merged.total, merged.largest) == (
        together.buckets, together.count, together.total, together.largest,
    )  # fmt: skip
    assert (together.count, together.total, together.largest) == (
        len(ours + theirs), sum(ours + theirs), max(ours + theirs),
    )  # fmt: skip


@given(st.lists(durations, max_size=5), st.sampled_from([0.01, 0.5, 0.95, 0.99, 1.0]))
def test_rows_of_a_roll_up_tell_what_their_histograms_do(parts: list[list[int]], share: float) -> None:
    rows = []
    for each in (of(values) for values in parts):
        rows.append((each.count, each.total, each.largest, 1, packed(each.buckets)))
        assert high_quantile(share, each.count, each.largest, rows[-1][-1]) == each.quantile(share)
    summed, together = Histogram(), of([value for values in parts for value in values])
    summed.merge_rows(rows)
    assert (summed.buckets, summed.count, summed.total, summed.largest, summed.skewed) == (
        together.buckets,
        together.count,
        together.total,
        together.largest,
        len(parts),
    )
    assert high_quantile(share, 0, 0, b"") is None


@given(st.dictionaries(st.integers(0, 319), st.integers(1, 2**40), max_size=40))
def test_what_is_packed_comes_out_again(buckets: dict[int, int]) -> None:
    assert unpacked(packed(buckets)) == buckets


@given(durations)
def test_a_minute_is_counted_exactly(values: list[int]) -> None:
    values = [*values, 60_000_000, 60_000_001, 59_999_999]
    assert of(values).within(60_000_000) == sum(value <= 60_000_000 for value in values)


@given(durations, st.integers(min_value=10, max_value=10**12))
def test_any_other_limit_counts_by_the_bound_below_it(values: list[int], limit: int) -> None:
    bound = bound_below(limit)
    assert limit * 0.9 - 2 <= bound <= limit * (1 + 1e-9)
    assert of(values).within(limit) == sum(value <= bound for value in values)


def test_negative_and_unknown_durations_are_nowhere_but_in_the_skew() -> None:
    found = of([5_000])
    found.add(-3)
    found.add(None)
    assert (found.count, found.total, found.skewed, sum(found.buckets.values())) == (1, 5_000, 2, 1)


def test_there_is_a_quantile_of_something_only() -> None:
    assert Histogram().quantile(0.5) is None
    assert of([0]).quantile(0.99) == 0.0


def test_the_last_bucket_takes_everything() -> None:
    far = round(BOUNDS_US[-1]) * 10
    assert of([far]).quantile(1.0) is not None and of([far]).largest == far
