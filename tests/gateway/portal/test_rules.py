"""The rules by which the portal judges what it is told, on values alone."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.status import DossierStatus, is_legal_history, next_statuses, reachable
from gateway.portal.rules import Head, Refused, Verdict, bit, judge_rows, judge_update

Row = tuple[str, int]


@st.composite
def legal_histories(draw: st.DrawFn, longest: int = 12) -> list[Row]:
    """A legal history whose keys are distinct: steps may share a second as long as they differ in status."""
    rows: list[Row] = []
    status: DossierStatus | None = None
    second = 0
    for _ in range(draw(st.integers(1, longest))):
        steps = sorted(next_statuses(status))
        if not steps:
            break
        status = draw(st.sampled_from(steps))
        same_second = draw(st.booleans()) and (f"{second:014d}", status) not in rows
        second += 0 if same_second else draw(st.integers(1, 100))
        rows.append((f"{second:014d}", int(status)))
    return rows


def keep(rows: list[Row]) -> list[Row]:
    """What a portal holds after these rows came one by one, each in a call of its own."""
    head = Head()
    held = []
    for each in rows:
        verdicts = judge_rows(head, [each])
        if verdicts == [Verdict.NEW]:
            held.append(each)
    return held


@given(legal_histories())
def test_a_legal_history_in_order_is_kept_whole(rows: list[Row]) -> None:
    assert keep(rows) == rows


@given(legal_histories(), st.integers(0, 2**32), st.integers(1, 3))
def test_whatever_order_and_however_often_what_is_held_is_legal(rows: list[Row], seed: int, copies: int) -> None:
    told = rows * copies
    random.Random(seed).shuffle(told)
    held = keep(told)
    assert len(set(held)) == len(held)
    assert is_legal_history(status for _, status in held)
    assert [at for at, _ in held] == sorted(at for at, _ in held)


@given(legal_histories(), st.data())
def test_repeating_calls_of_a_history_in_order_changes_nothing(rows: list[Row], data: st.DataObject) -> None:
    """A sender that loses replies sends again from some earlier row on."""
    told: list[Row] = []
    for end in range(1, len(rows) + 1):
        begin = data.draw(st.integers(0, end - 1))
        told += rows[begin:end]
    assert keep(told) == rows


def test_the_first_row_must_be_one_or_two() -> None:
    assert judge_rows(Head(), [("1", 4)]) == Refused(0, None, DossierStatus.IN_PROGRESS)


def test_an_illegal_jump_names_both_statuses_and_stops() -> None:
    head = Head()
    assert judge_rows(head, [("1", 2), ("2", 10), ("3", 4)]) == Refused(
        1, DossierStatus.RECEIVED, DossierStatus.RESULT_RETURNED
    )


def test_two_steps_of_one_second_stay_two_and_a_repeat_of_one_stays_one() -> None:
    head = Head()
    verdicts = judge_rows(head, [("5", 2), ("5", 4), ("5", 4), ("5", 2)])
    assert verdicts == [Verdict.NEW, Verdict.NEW, Verdict.REPEATED, Verdict.REPEATED]


def test_an_older_row_is_ignored_even_if_it_would_be_legal() -> None:
    head = Head()
    assert judge_rows(head, [("5", 2), ("4", 4)]) == [Verdict.NEW, Verdict.OLDER]
    assert (head.at, head.status) == ("5", 2)


@pytest.mark.parametrize("held", list(DossierStatus))
@pytest.mark.parametrize("told", list(DossierStatus))
def test_an_update_goes_forward_or_repeats_or_is_late_or_is_refused(
    held: DossierStatus, told: DossierStatus
) -> None:
    verdict = judge_update(held, bit(held), told)
    if told == held:
        assert verdict is Verdict.REPEATED
    elif told in reachable(held):
        assert verdict is Verdict.NEW
    else:
        assert verdict is Verdict.ILLEGAL
        assert judge_update(held, bit(held) | bit(told), told) is Verdict.OLDER
