"""Names of links, and which subjects two patterns have in common."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.bus.hub.ledger.names import common_pattern, link_of, portal_link, short_type, subject_of
from services.bus.hub.ledger.windows import Stretch, stretches


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("axis.task.*.requested", "axis.task.civil.>", "axis.task.civil.requested"),
        ("axis.dossier.status-changed", "axis.dossier.>", "axis.dossier.status-changed"),
        ("axis.dossier.status-changed", "axis.portal.>", None),
        ("axis.>", "axis.task.*.requested", "axis.task.*.requested"),
        ("axis.a.b", "axis.a", None),
        ("axis.a.>", "axis.a", None),
        ("axis.a.*", "axis.*.b", "axis.a.b"),
    ],
)
def test_subjects_in_common(one: str, other: str, both: str | None) -> None:
    assert common_pattern(one, other) == both
    assert common_pattern(other, one) == both


def test_types_are_short_and_lead_to_their_subjects() -> None:
    assert short_type("vn.truc.task.requested.v1") == "task.requested"
    assert short_type("vn.truc.task.requested.v2") == "task.requested.v2"
    assert subject_of("task.requested") == "axis.task.*.requested"
    assert subject_of("dossier.status-changed") == "axis.dossier.status-changed"
    assert subject_of("foreign.thing.v3") == "axis.foreign.thing"


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_link_has_a_name_that_may_stand_in_an_address(source: str, type_: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._:-]{1,200}", link_of(source, type_, "consumer").slug)


def test_different_links_have_different_names() -> None:
    assert link_of("a b", "t", "c").slug != link_of("a_b", "t", "c").slug
    assert portal_link().slug == "dossier:dossier.status-changed:portal:CapNhatTienDoHoSoMC"


HOUR = 3600


@given(st.integers(2_000_000_000, 2_000_100_000), st.sampled_from([300, 1800, HOUR, 6 * HOUR, 86_400, 7 * 86_400]))
def test_stretches_follow_each_other_and_reach_back_far_enough(now: int, seconds: int) -> None:
    found = stretches(now, seconds)
    for one, next_one in pairwise(found):
        assert one.end == next_one.start
    assert now - seconds - 3600 < found[0].start <= now - seconds
    assert found[-1].end is None
    for stretch in found:
        assert stretch.start % {"second": 1, "minute": 60, "hour": 3600}[stretch.span] == 0


def test_five_minutes_are_cut_to_the_second() -> None:
    assert stretches(HOUR * 10 + 317, 300) == [
        Stretch("second", HOUR * 10 + 17, HOUR * 10 + 60),
        Stretch("minute", HOUR * 10 + 60, HOUR * 11),
        Stretch("hour", HOUR * 11, None),
    ]


def test_a_month_is_made_of_hours() -> None:
    assert [each.span for each in stretches(HOUR * 1000 + 5, 30 * 86_400)] == ["hour"]
