"""What differs in one dossier, kind by kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sync.reconcile.compare import (
    AxisDossier,
    Difference,
    Kind,
    PortalDossier,
    ProvinceDossier,
    Row,
    Side,
    compare,
)

CODE = "H08-230301-0001"
STEPS: dict[int, Row] = {1: (100, 2), 2: (101, 4), 3: (200, 9)}
ROWS = tuple(STEPS.values())
IN_STEP = (ProvinceDossier(STEPS), AxisDossier(STEPS), PortalDossier(9, ROWS))


def found(
    province: ProvinceDossier | None = IN_STEP[0],
    axis: AxisDossier | None = IN_STEP[1],
    portal: PortalDossier | None = IN_STEP[2],
) -> list[tuple[Kind, Side, int | None, bool]]:
    return sorted(
        (each.kind, each.side, each.version or 0, each.repairable) for each in shown(province, axis, portal)
    )


def shown(*sides: object) -> list[Difference]:
    return compare(CODE, *sides)  # type: ignore[arg-type]


def test_what_agrees_has_no_difference() -> None:
    assert found() == []


def test_a_step_shifted_within_its_second_agrees() -> None:
    """The province's two steps of one second are two seconds on the wire."""
    province = ProvinceDossier({1: (100, 2), 2: (100, 4), 3: (200, 9)})
    assert found(province) == []


def test_a_status_the_portal_lacks_at_the_end_is_repairable() -> None:
    assert found(portal=PortalDossier(9, ROWS[:2])) == [(Kind.MISSING, Side.PORTAL, 3, True)]


def test_a_status_the_portal_lacks_in_the_middle_is_not() -> None:
    """It would ignore a row older than its newest."""
    assert found(portal=PortalDossier(9, (ROWS[0], ROWS[2]))) == [(Kind.MISSING, Side.PORTAL, 2, False)]


def test_a_dossier_the_portal_lacks_is_repairable() -> None:
    assert found(portal=None) == [(Kind.MISSING, Side.PORTAL, version, True) for version in (1, 2, 3)]


def test_a_status_the_axis_never_got_is_missing_on_both() -> None:
    axis = AxisDossier({1: STEPS[1], 2: STEPS[2]})
    assert found(axis=axis, portal=PortalDossier(4, ROWS[:2])) == [
        (Kind.MISSING, Side.AXIS, 3, False),
        (Kind.MISSING, Side.PORTAL, 3, False),
    ]


def test_what_was_given_up_or_is_parked_is_missing_and_not_repairable() -> None:
    short = PortalDossier(4, ROWS[:2])
    for axis in (AxisDossier(STEPS, discarded=frozenset({3})), AxisDossier(STEPS, parked=True)):
        kinds = [
            (kind, version, can) for kind, _, version, can in found(axis=axis, portal=short) if kind == "missing"
        ]
        assert kinds == [(Kind.MISSING, 3, False)]


def test_what_nobody_sent_is_extra() -> None:
    assert found(portal=PortalDossier(9, (*ROWS, (300, 10)))) == [(Kind.EXTRA, Side.PORTAL, 0, False)]
    assert found(None, None, PortalDossier(2, ((1, 2),))) == [(Kind.EXTRA, Side.PORTAL, 0, False)]
    assert found(None, None, PortalDossier(2, ())) == [(Kind.EXTRA, Side.PORTAL, 0, False)]
    province = ProvinceDossier({1: STEPS[1], 2: STEPS[2]})
    assert (Kind.EXTRA, Side.AXIS, 3, False) in found(province)


def test_two_extra_rows_are_two_findings() -> None:
    portal = PortalDossier(9, (*ROWS, (300, 10), (301, 10)))
    assert len(set(shown(*IN_STEP[:2], portal))) == 2


@pytest.mark.parametrize("other", [(101, 5), (150, 4)])
def test_another_status_or_time_is_different(other: Row) -> None:
    portal = PortalDossier(9, (ROWS[0], other, ROWS[2]))
    assert found(portal=portal) == [(Kind.DIFFERENT, Side.PORTAL, 2, False)]


def test_an_axis_that_differs_from_the_province_is_a_finding() -> None:
    for row in ((101, 5), (99, 4)):
        axis = AxisDossier({**STEPS, 2: row})
        assert (Kind.DIFFERENT, Side.AXIS, 2, False) in found(axis=axis)


def test_the_same_row_twice_is_duplicated() -> None:
    portal = PortalDossier(9, (ROWS[0], ROWS[1], ROWS[1], ROWS[2]))
    assert found(portal=portal) == [(Kind.DUPLICATED, Side.PORTAL, 2, False)]


def test_another_order_of_arrival_is_out_of_order() -> None:
    portal = PortalDossier(9, (ROWS[0], ROWS[2], ROWS[1]))
    assert found(portal=portal) == [(Kind.OUT_OF_ORDER, Side.PORTAL, 2, False)]


def test_a_portal_that_shows_another_status_than_the_province_is_told() -> None:
    """The defect known from the field: 5, 6 and 8 pushed as 9."""
    steps = {1: (100, 2), 2: (101, 5)}
    portal = PortalDossier(9, tuple(steps.values()))
    (difference,) = shown(ProvinceDossier(steps), AxisDossier(steps), portal)
    assert (difference.kind, difference.version, difference.repairable) == (Kind.DIFFERENT, 2, True)
    assert difference.detail == {"province": 5, "portal": 9, "field": "TrangThaiHoSo"}


def test_a_portal_that_only_says_that_it_is_there_is_believed() -> None:
    assert found(portal=PortalDossier(None, None)) == []
    assert found(portal=PortalDossier(9, None)) == []
    assert [each[0] for each in found(portal=PortalDossier(4, None))] == [Kind.DIFFERENT]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 10)), min_size=1, max_size=12),
    st.data(),
)
def test_lost_repeated_and_moved_rows_are_all_found(gaps: list[tuple[int, int]], data: st.DataObject) -> None:
    """Take rows away from the portal, repeat some: exactly those are found, each as what it is."""
    steps, second = {}, 1_000
    for version, (gap, status) in enumerate(gaps, start=1):
        second += gap + 1
        steps[version] = (second, status)
    gone = data.draw(st.sets(st.sampled_from(sorted(steps))))
    kept = [row for version, row in steps.items() if version not in gone]
    twice = data.draw(st.sets(st.sampled_from(kept)) if kept else st.just(set[Row]()))
    rows = tuple(row for each in kept for row in ([each, each] if each in twice else [each]))
    status = steps[len(steps)][1]
    sides = (ProvinceDossier(steps), AxisDossier(steps), PortalDossier(status, rows))
    differences = compare(CODE, *sides)
    assert {each.version for each in differences if each.kind is Kind.MISSING} == gone
    assert [each.kind for each in differences].count(Kind.DUPLICATED) == len(twice)
    assert {each.kind for each in differences} <= {Kind.MISSING, Kind.DUPLICATED}
    last = max((row[0] for row in rows), default=0)
    for each in differences:
        if each.kind is Kind.MISSING:
            assert each.repairable == (steps[each.version or 0][0] > last)
