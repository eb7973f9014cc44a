"""The account: each kind of difference is found, counted as what it is, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.status import next_statuses
from deploy.demo.accounting import FINE, Account, Held, Row, judge

START = 1_700_000_000


@st.composite
def histories(draw: Any) -> list[Row]:
    """Legal histories of two to twelve statuses, some within one second, as real ones are."""
    statuses: list[int] = []
    while len(statuses) < draw(st.integers(2, 12)):
        following = sorted(next_statuses(statuses[-1] if statuses else None))
        if not following:
            break
        statuses.append(int(draw(st.sampled_from(following))))
    at, rows = START, []
    for status in statuses:
        at += draw(st.sampled_from([0, 0, 1, 7, 3600]))
        rows.append((status, at))
    return rows


def on_the_wire(rows: Sequence[Row]) -> list[Row]:
    """As sync tells it: each step in a second of its own."""
    told: list[Row] = []
    for status, at in rows:
        told.append((status, max(at, told[-1][1] + 1) if told else at))
    return told


def held(province: Sequence[Row], portal: Sequence[Row], status: int | None = None) -> Held:
    newest = province[-1][0] if status is None and province else status or 0
    return Held("H08-230101-0001", province, (len(province), len(province)), (newest, portal))


@given(histories())
def test_a_portal_in_step_is_fine(rows: list[Row]) -> None:
    assert judge(held(rows, on_the_wire(rows))) == FINE


@given(histories(), st.data())
def test_what_is_missing_is_lost(rows: list[Row], data: st.DataObject) -> None:
    places = data.draw(st.sets(st.integers(0, len(rows) - 1), min_size=1))
    kept = [row for place, row in enumerate(on_the_wire(rows)) if place not in places]
    verdict = judge(held(rows, kept))
    assert (verdict.lost, verdict.duplicated, verdict.out_of_order) == (len(places), 0, 0)


@given(histories(), st.data())
def test_what_is_there_once_more_is_a_duplicate(rows: list[Row], data: st.DataObject) -> None:
    told = on_the_wire(rows)
    place = data.draw(st.integers(0, len(told) - 1))
    told.insert(data.draw(st.integers(0, len(told))), told[place])
    verdict = judge(held(rows, told))
    assert (verdict.lost, verdict.duplicated, verdict.out_of_order) == (0, 1, 0)


@given(histories(), st.data())
def test_what_stands_elsewhere_is_out_of_order(rows: list[Row], data: st.DataObject) -> None:
    told = on_the_wire(rows)
    place = data.draw(st.integers(0, len(told) - 2))
    told[place], told[place + 1] = told[place + 1], told[place]
    verdict = judge(held(rows, told))
    assert (verdict.lost, verdict.duplicated, verdict.out_of_order) == (0, 0, 1)


def test_a_status_at_another_time_is_not_the_same() -> None:
    verdict = judge(held([(2, START), (4, START + 60)], [(2, START), (4, START + 600)]))
    assert (verdict.lost, verdict.duplicated, verdict.out_of_order) == (0, 0, 1)
    assert judge(held([(2, START)], [(2, START - 1)])).out_of_order == 1


def test_a_portal_that_shows_another_status_is_not_in_step() -> None:
    """The defect known from the field: 5, 6 and 8 shown as 9 (domain 1.6)."""
    rows = [(2, START), (4, START + 1), (8, START + 2)]
    verdict = judge(held(rows, rows, status=9))
    assert verdict.out_of_order == 1
    assert "the portal shows status 9, the province is at 8" in verdict.why


def test_a_dossier_the_portal_has_never_heard_of_is_lost_whole() -> None:
    verdict = judge(Held("H08-230101-0001", [(2, START), (4, START + 1)], (2, 0), None))
    assert (verdict.lost, verdict.duplicated, verdict.out_of_order) == (2, 0, 0)


def test_a_dossier_only_the_portal_has_is_too_much() -> None:
    verdict = judge(Held("H08-230101-0001", [], None, (2, [(2, START)])))
    assert (verdict.lost, verdict.duplicated, verdict.out_of_order) == (0, 1, 0)


def test_an_axis_that_knows_less_has_lost_something() -> None:
    rows = [(2, START), (4, START + 1)]
    assert judge(Held("H08-230101-0001", rows, (1, 1), (4, rows))).lost == 1
    assert judge(Held("H08-230101-0001", rows, (2, 1), (4, rows))).why.endswith(
        "the axis believes the portal holds 1 of 2 statuses"
    )


def test_a_province_that_broke_its_own_rules_is_told() -> None:
    rows = [(2, START), (10, START + 1)]
    assert "not a legal one" in judge(held(rows, rows)).why


def test_the_account_adds_up_and_agrees() -> None:
    account = Account(promised={2: 1, 4: 1}, promised_dossiers=1)
    rows = [(2, START), (4, START + 1)]
    account.add(held(rows, rows))
    account.close()
    assert account.agrees
    assert (account.province.statuses, account.axis.statuses, account.portal.statuses) == (2, 2, 2)
    assert account.newest == {4: 1}


def test_a_status_that_was_promised_and_is_nowhere_is_lost() -> None:
    account = Account(promised={2: 1, 4: 1}, promised_dossiers=1)
    account.add(held([(2, START)], [(2, START)]))
    account.close()
    assert account.lost == 1 and not account.agrees
    assert "1 more status(es) 4" in account.findings[0]


def test_a_promised_dossier_that_is_nowhere_is_told() -> None:
    account = Account(promised={2: 1}, promised_dossiers=1)
    account.close()
    assert account.lost == 1 and not account.agrees and len(account.findings) == 2


def test_one_wrong_dossier_is_enough_and_many_are_not_listed_all() -> None:
    account = Account(promised={}, promised_dossiers=0)
    for _ in range(100):
        account.add(held([(2, START), (4, START + 1)], [(2, START)], status=2))
    account.close()
    assert account.lost == 100 and not account.agrees
    assert len(account.findings) == account.MOST_FINDINGS
