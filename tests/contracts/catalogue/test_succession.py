"""What became of a unit can be followed forward and back."""

from datetime import date, timedelta

import pytest

from contracts.catalogue.loader import (
    REFORM_DAY,
    AdministrativeUnit,
    became,
    predecessors,
    successors,
    unit,
    units,
)
from tests.contracts.refusals import refused

BEFORE = REFORM_DAY - timedelta(days=1)
IN_2023 = date(2023, 6, 30)


def names(found: tuple[AdministrativeUnit, ...]) -> list[str]:
    return [one.name for one in found]


def test_binh_dinh_became_part_of_gia_lai() -> None:
    assert names(successors("52")) == ["Tỉnh Gia Lai"]
    assert names(predecessors("52")) == ["Tỉnh Bình Định", "Tỉnh Gia Lai"]
    assert names(predecessors("82")) == ["Tỉnh Tiền Giang", "Tỉnh Đồng Tháp"]


def test_a_commune_may_be_divided() -> None:
    assert unit("21997", BEFORE).name == "Xã Canh Liên"
    assert names(successors("21997")) == ["Xã Canh Liên", "Xã Canh Vinh"]


def test_a_district_became_the_communes_on_its_land() -> None:
    assert names(successors("551")) == ["Xã Vân Canh", "Xã Canh Liên", "Xã Canh Vinh"]
    assert names(successors("318")) == ["Đặc khu Bạch Long Vĩ"]
    assert names(predecessors("11948")) == ["Huyện Bạch Long Vĩ"]


def test_wards_merged_in_2024_are_followed_through_both_reforms() -> None:
    assert names(successors("21568", IN_2023)) == ["Phường Thị Nại"]
    assert names(became("21568", IN_2023, date(2025, 1, 1))) == ["Phường Thị Nại"]
    assert names(became("21568", IN_2023, REFORM_DAY)) == ["Phường Quy Nhơn"]
    assert names(predecessors("21583", date(2025, 1, 1))) == [
        "Phường Thị Nại",
        "Phường Trần Hưng Đạo",
        "Phường Lê Lợi",
    ]


def test_a_unit_that_still_exists_became_itself() -> None:
    assert became("52", IN_2023, BEFORE) == (unit("52", IN_2023),)
    assert became("52", REFORM_DAY, date(2040, 1, 1)) == (unit("52", REFORM_DAY),)
    assert successors("52", REFORM_DAY) == ()
    assert predecessors("52", IN_2023) == ()


def test_successions_are_followed_forward_only() -> None:
    with pytest.raises(ValueError, match="forward"):
        became("52", REFORM_DAY, IN_2023)
    with refused("unit.wrong_period"):
        successors("540", REFORM_DAY)
    with refused("unit.unknown"):
        predecessors("99999")


def test_every_new_unit_has_predecessors() -> None:
    for one in units():
        if one.valid_from:
            assert predecessors(one.code, one.valid_from), one


def test_only_28_old_units_lead_nowhere() -> None:
    ended = [one for one in units() if one.last_day]
    lost = [one for one in ended if one.last_day and not successors(one.code, one.last_day)]
    assert len(lost) == 28
    assert {one.level for one in lost} == {"commune"}


def test_forward_and_back_agree() -> None:
    for one in units():
        if one.level == "commune" and one.last_day and one.valid_to:
            for after in successors(one.code, one.last_day):
                assert one in predecessors(after.code, one.valid_to)
