"""The agencies of the demo province: Bình Định as it was in 2023, root H08.

Which agencies there were is fact; their numbers below the root are ours, in the form of QĐ 20/2020. The
older form is derived, never stored twice.
"""

from collections.abc import Mapping
from functools import cache
from typing import Literal, NamedTuple, cast

from contracts.catalogue.files import read_rows
from contracts.identifiers.agencies import convert_agency_code
from contracts.rules import refuse

AgencyLevel = Literal["province", "department", "district", "commune"]


class Agency(NamedTuple):
    """One agency. `unit_code` is the administrative unit it serves, to be read as at 2023; `parent` is the
    code of the agency above it, None for the province."""

    code: str
    name: str
    level: AgencyLevel
    unit_code: str
    parent: str | None

    @property
    def old_code(self) -> str:
        """The code in the form of QCVN 102:2016, such as 000.21.31.H08."""
        return convert_agency_code(self.code, "old")


@cache
def _by_code() -> Mapping[str, Agency]:
    columns = ("code", "name", "level", "unit_code", "parent")
    return {
        code: Agency(code, name, cast(AgencyLevel, level), unit_code, parent or None)
        for code, name, level, unit_code, parent in read_rows("agencies.csv", *columns)
    }


@cache
def _by_old_code() -> Mapping[str, Agency]:
    return {one.old_code: one for one in _by_code().values()}


def agencies() -> tuple[Agency, ...]:
    """Every agency: the province, its departments, its districts, then their communes."""
    return tuple(_by_code().values())


def agency(code: str) -> Agency:
    """The agency with this code, in the new form or the old one. Raises agency.unknown."""
    found = _by_code().get(code) or _by_old_code().get(code)
    if found is None:
        raise refuse("agency.unknown", code=code)
    return found
