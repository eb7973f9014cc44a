"""Small tables of national prefixes: places in a personal id, provinces in an agency code.

They are apart from the administrative units because identifiers need them at once and the units are large.
The data files are the only source; nothing here knows a code by heart.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal, NamedTuple, cast

from contracts.catalogue.files import read_rows


class PersonalIdPrefix(NamedTuple):
    """The first three digits of a personal id: a province as of 2016, or a country of birth registration."""

    code: str
    name: str
    kind: Literal["province", "country"]


@cache
def personal_id_prefixes() -> Mapping[str, PersonalIdPrefix]:
    """Every known prefix of a personal id by its three digits (TT 07/2016/TT-BCA, annex 1)."""
    rows = read_rows("personal-id-prefixes.csv", "prefix", "name", "kind")
    return MappingProxyType(
        {
            code: PersonalIdPrefix(code, name, cast(Literal["province", "country"], kind))
            for code, name, kind in rows
        }
    )


@cache
def agency_roots() -> Mapping[str, str]:
    """The province behind each root H01 to H63 of an agency code, as it was before July 2025."""
    return MappingProxyType(
        {root: name for root, name, _mark in read_rows("agency-roots.csv", "root", "name", "mark")}
    )
