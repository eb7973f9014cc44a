"""The agencies of the demo province match its units as they were in 2023."""

from datetime import date

import pytest
from pydantic import TypeAdapter

from contracts.catalogue.loader import agencies, agency, agency_roots, children, unit
from contracts.identifiers import AgencyCode, parse_agency_code
from tests.contracts.refusals import refused

IN_2023 = date(2023, 6, 30)


def test_the_root_is_the_province() -> None:
    root = agency("H08")
    assert root.parent is None
    assert root.level == "province"
    assert root.old_code == "000.00.00.H08"
    assert agency_roots()["H08"] == "Bình Định"


def test_every_commune_and_district_of_2023_has_one_agency() -> None:
    districts = children("52", IN_2023)
    communes = [one for district in districts for one in children(district.code, IN_2023)]
    served = [one.unit_code for one in agencies() if one.level in ("district", "commune")]
    assert sorted(served) == sorted(one.code for one in (*districts, *communes))


def test_names_and_places_agree() -> None:
    for one in agencies():
        place = unit(one.unit_code, IN_2023)
        if one.level in ("district", "commune"):
            assert place.level == one.level
            assert one.name == f"Ủy ban nhân dân {place.name[0].lower()}{place.name[1:]}"
        if one.level == "commune":
            assert one.parent is not None
            assert agency(one.parent).unit_code == place.parent_code


def test_a_code_extends_the_code_of_the_agency_above() -> None:
    for one in agencies():
        TypeAdapter(AgencyCode).validate_python(one.code)
        assert parse_agency_code(one.code).root == "H08"
        assert one.parent is None or one.code.startswith(one.parent + ".")
        assert one.parent is None or agency(one.parent)


def test_either_form_of_a_code_finds_the_agency() -> None:
    for one in agencies():
        assert agency(one.old_code) is agency(one.code) is one
    assert agency("000.21.31.H08").name == "Ủy ban nhân dân phường Nhơn Bình"


@pytest.mark.parametrize("code", ["", "H09", "H08.99", "000.99.31.H08"])
def test_an_agency_that_is_not_there(code: str) -> None:
    with refused("agency.unknown"):
        agency(code)
