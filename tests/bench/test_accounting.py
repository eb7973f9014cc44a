"""Nothing lost, repeated or reordered may go uncounted, and nothing else may be counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.accounting import account, longest_common_subsequence, portal_histories, province_histories

statuses = st.lists(st.integers(1, 10), min_size=1, max_size=8)
histories = st.dictionaries(st.sampled_from("abcdef"), statuses, min_size=1)


@given(histories)
def test_the_same_on_both_sides_is_clean(province: dict[str, list[int]]) -> None:
    found = account(province, province)
    assert found.clean
    assert (found.dossiers, found.expected) == (len(province), sum(map(len, province.values())))


@given(histories, st.data())
def test_one_taken_away_is_lost(province: dict[str, list[int]], data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(sorted(province)))
    place = data.draw(st.integers(0, len(province[code]) - 1))
    portal = {**province, code: province[code][:place] + province[code][place + 1 :]}
    found = account(province, portal)
    assert (found.lost, found.duplicated, found.out_of_order) == (1, 0, 0)


@given(histories, st.data())
def test_one_too_many_is_duplicated(province: dict[str, list[int]], data: st.DataObject) -> None:
    code = data.draw(st.sampled_from(sorted(province)))
    found = account(province, {**province, code: [*province[code], province[code][-1]]})
    assert (found.lost, found.duplicated, found.out_of_order) == (0, 1, 0)


def test_one_moved_is_out_of_order() -> None:
    found = account({"a": [2, 4, 9, 10]}, {"a": [4, 9, 2, 10]})
    assert (found.lost, found.duplicated, found.out_of_order) == (0, 0, 1)
    assert not found.clean


def test_a_dossier_only_one_side_knows() -> None:
    assert account({"a": [2, 4]}, {}).lost == 2
    assert account({}, {"a": [2, 4]}).duplicated == 2


def test_the_order_of_the_portal_is_that_of_arrival_not_of_the_times() -> None:
    lines = ['{"code":"a","status":4,"steps":[["20230101080000",4,2],["20230101090000",2,1]]}']
    assert portal_histories(lines) == {"a": [2, 4]}


def test_the_order_of_the_province_is_that_of_the_versions() -> None:
    assert province_histories(['{"code":"a","steps":[[2,4,"x"],[1,2,"y"]]}']) == {"a": [2, 4]}


@given(statuses, statuses)
def test_common_subsequences(one: list[int], other: list[int]) -> None:
    length = longest_common_subsequence(one, other)
    assert length == longest_common_subsequence(other, one) <= min(len(one), len(other))
    assert longest_common_subsequence(one, one) == len(one)
