"""Units mean something only together with a day."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue.loader import (
    REFORM_DAY,
    check_unit,
    children,
    is_ambiguous,
    path,
    unit,
    units,
    versions,
)
from contracts.rules import explain
from tests.contracts.refusals import refused

BEFORE = REFORM_DAY - timedelta(days=1)
IN_2023 = date(2023, 6, 30)


def test_both_structures_are_complete() -> None:
    before = Counter(one.level for one in units() if one.valid_on(BEFORE))
    after = Counter(one.level for one in units() if one.valid_on(REFORM_DAY))
    assert before == {"province": 63, "district": 696, "commune": 10_051}
    assert after == {"province": 34, "commune": 3_321}


def test_a_code_changes_its_meaning_with_the_reform() -> None:
    assert unit("52", BEFORE).name == "Tỉnh Bình Định"
    assert unit("52", REFORM_DAY).name == "Tỉnh Gia Lai"
    assert unit("82", BEFORE).name == "Tỉnh Tiền Giang"
    assert unit("82", REFORM_DAY).name == "Tỉnh Đồng Tháp"
    assert is_ambiguous("52")
    assert not is_ambiguous("540")
    assert not is_ambiguous("99999")


def test_a_ward_of_2023_is_not_the_ward_of_2025() -> None:
    assert [one.name for one in versions("21583")] == ["Phường Lê Lợi", "Phường Thị Nại", "Phường Quy Nhơn"]
    assert unit("21583", date(2024, 11, 30)).name == "Phường Lê Lợi"
    assert unit("21583", date(2024, 12, 1)).name == "Phường Thị Nại"


def test_binh_dinh_had_11_districts_and_159_communes_in_2023() -> None:
    districts = children("52", IN_2023)
    assert len(districts) == 11
    kinds = Counter(one.type for district in districts for one in children(district.code, IN_2023))
    assert kinds == {"xã": 116, "phường": 32, "thị trấn": 11}


def test_a_province_has_districts_before_and_communes_after() -> None:
    assert {one.level for one in children("52", BEFORE)} == {"district"}
    assert {one.level for one in children("52", REFORM_DAY)} == {"commune"}
    assert len(children("52", REFORM_DAY)) == 135
    assert len(children("", BEFORE)) == 63


def test_the_path_leads_from_the_province_down() -> None:
    assert [one.code for one in path("21583", IN_2023)] == ["52", "540", "21583"]
    assert [one.code for one in path("21583", REFORM_DAY)] == ["52", "21583"]
    assert [one.code for one in path("52", IN_2023)] == ["52"]


def test_no_code_means_two_things_on_one_day() -> None:
    for code in {one.code for one in units()}:
        periods = versions(code)
        for earlier, later in pairwise(periods):
            assert earlier.valid_to is not None
            assert later.valid_from is not None
            assert earlier.valid_to <= later.valid_from


def test_every_parent_exists_whenever_its_child_does() -> None:
    for one in units():
        first, last = one.valid_from or date(2023, 1, 1), one.last_day or date(2030, 1, 1)
        if one.parent_code:
            assert unit(one.parent_code, first) == unit(one.parent_code, last)


def test_a_code_out_of_its_period_says_when_and_what_followed() -> None:
    with refused("unit.wrong_period"):
        unit("540", REFORM_DAY)
    with pytest.raises(ValueError, match="540") as caught:
        unit("540", REFORM_DAY)
    text = explain("unit.wrong_period", getattr(caught.value, "context", None))
    assert "Thành phố Quy Nhơn (… – 2025-06-30)" in text.en
    assert "Phường Quy Nhơn" in text.en
    assert "Thành phố Quy Nhơn (… – 30/06/2025)" in text.vi


def test_a_code_from_the_future_has_no_successor_yet() -> None:
    with pytest.raises(ValueError, match="Succeeded by: –"):
        unit("20333", IN_2023)


def test_a_code_nobody_bore_is_unknown() -> None:
    with refused("unit.unknown"):
        unit("99999", IN_2023)
    with refused("unit.unknown"):
        children("99999", IN_2023)


def test_the_level_can_be_demanded() -> None:
    assert check_unit("21583", IN_2023, level="commune").name == "Phường Lê Lợi"
    assert check_unit("540", IN_2023).level == "district"
    with refused("unit.wrong_level"):
        check_unit("540", IN_2023, level="commune")
    with refused("unit.wrong_period"):
        check_unit("540", REFORM_DAY, level="commune")


@given(st.sampled_from(units()), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_what_is_found_bears_the_code_on_that_day(one: object, day: date) -> None:
    code = getattr(one, "code", "")
    try:
        found = unit(code, day)
    except ValueError:
        assert not any(version.valid_on(day) for version in versions(code))
    else:
        assert found.code == code
        assert found.valid_on(day)
        assert path(code, day)[-1] == found
        assert not found.parent_code or found in children(found.parent_code, day)
