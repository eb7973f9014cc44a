"""People type without diacritics; the catalogue understands."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue.loader import REFORM_DAY, search, units
from contracts.catalogue.search import fold

IN_2023 = date(2023, 6, 30)


def test_diacritics_case_and_spaces_do_not_matter() -> None:
    for text in ("quy nhon", "QUY NHƠN", "  Quy   Nhơn ", "Thành phố Quy Nhơn"):
        assert search(text, on=IN_2023)[0].code == "540"
    assert search("da nang", on=IN_2023)[0].name == "Thành phố Đà Nẵng"


def test_the_best_match_and_the_larger_unit_come_first() -> None:
    found = search("quy nhon", on=REFORM_DAY)
    assert found[0].name == "Phường Quy Nhơn"
    assert len(found) == 5
    assert search("binh dinh", on=IN_2023)[0].level == "province"


def test_a_period_and_a_level_narrow_the_search() -> None:
    assert {one.level for one in search("phu my", level="commune", limit=100)} == {"commune"}
    assert all(one.valid_on(IN_2023) for one in search("phu my", on=IN_2023, limit=100))
    assert len(search("phu", limit=3)) == 3


def test_nothing_is_found_for_nothing() -> None:
    assert search("") == search("   ") == search("\u0301") == ()
    assert search("atlantis") == ()


def test_folding_removes_every_diacritic_of_vietnamese() -> None:
    assert fold("ĐẮK LẮK Thừa Thiên Huế Gành Ráng Ơ Ư ỵ") == "dak lak thua thien hue ganh rang o u y"
    assert all(fold(one.name).isascii() for one in units())


@given(st.sampled_from(units()))
def test_every_unit_is_found_by_its_name(one: object) -> None:
    name = getattr(one, "name", "")
    assert one in search(name, limit=10_000)
    assert one in search(fold(name), limit=10_000)
