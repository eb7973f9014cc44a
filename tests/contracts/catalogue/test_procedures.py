"""The procedures the one-stop shop can take."""

import pytest

from contracts.catalogue.loader import procedure, procedures
from contracts.identifiers import parse_procedure_code
from services.bus.kit.deadlines import Duration
from tests.contracts.refusals import refused


def test_every_procedure_is_well_formed() -> None:
    assert len(procedures()) == 52
    for one in procedures():
        assert parse_procedure_code(one.code).agency is None
        assert one.fee_vnd >= 0
        assert str(Duration.parse(one.duration)) == one.duration
        assert all(one.handled_by)
        assert procedure(one.code) is one


def test_the_simplest_procedure() -> None:
    found = procedure("1.001570")
    assert (found.fee_vnd, found.duration, found.handled_by) == (0, "3-working-days", ("officer",))


def test_an_interlinked_procedure_names_who_works_on_it() -> None:
    assert procedure("2.002621").handled_by == ("civil", "population", "social-insurance")


@pytest.mark.parametrize("code", ["", "1.000000", "1.001570.H08"])
def test_a_procedure_that_is_not_there(code: str) -> None:
    with refused("procedure.unknown"):
        procedure(code)
