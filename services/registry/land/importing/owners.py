"""The owners of a parcel, as they go into the book: number, name, share."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, NamedTuple

from contracts.catalogue.prefixes import personal_id_prefixes
from contracts.catalogue.search import fold
from contracts.identifiers import PersonalId, TaxCode
from contracts.land import parse_share
from contracts.land.values import PartyName
from services.registry.land.importing.fields import WrongError, checked, refuse_control_characters

MAX_OWNERS: Final = 100

_PERSONAL_ID: Final = re.compile(r"[0-9]{12}")
_slow_person, _slow_tax, _slow_name = checked(PersonalId), checked(TaxCode), checked(PartyName)


class Owner(NamedTuple):
    """A share as it goes into the book."""

    party_key: str
    name: str
    folded_name: str
    personal_id: str | None
    tax_code: str | None
    numerator: int
    denominator: int


def owners_of(value: Any) -> tuple[Owner, ...]:
    """Every owner, whose shares together are the whole."""
    if isinstance(value, str):
        told = [_split_owner(part) for part in value.split(";")]
    elif isinstance(value, list) and all(isinstance(each, dict) for each in value):
        told = [
            (each.get("personal_id") or each.get("tax_code") or "", each.get("name"), each.get("share") or "1")
            for each in value
        ]
    else:
        raise WrongError("list_type", {})
    if len(told) > MAX_OWNERS:
        raise WrongError("too_long", {"max_length": MAX_OWNERS})
    found = [_owner(number, name, share) for number, name, share in told]
    denominators = {each.denominator for each in found}
    if len(denominators) == 1:
        total = Fraction(sum(each.numerator for each in found), denominators.pop())
    else:
        total = sum((Fraction(each.numerator, each.denominator) for each in found), Fraction(0))
    if total != 1:
        raise WrongError("shares.sum", {"sum": f"{total.numerator}/{total.denominator}", "wanted": "1/1"})
    if len({each.party_key for each in found}) != len(found):
        raise WrongError("parties.distinct", {})
    return tuple(found)


def _split_owner(part: str) -> tuple[str, str, str]:
    number, _, rest = part.partition("|")
    name, _, share = rest.partition("|")
    return number.strip(), name.strip(), share.strip() or "1"


def _owner(number: Any, name: Any, share: Any) -> Owner:
    if not isinstance(name, str) or not 2 <= len(name) <= 200:
        name = _slow_name(name)
    refuse_control_characters(name)
    numerator, denominator = (1, 1) if share in ("1", "1/1") else _share(share)
    folded = _folded(name)[:200]
    if isinstance(number, str) and _PERSONAL_ID.fullmatch(number):
        if number[:3] not in personal_id_prefixes():
            _slow_person(number)
        return Owner(f"p:{number}", name, folded, number, None, numerator, denominator)
    if number:
        tax_code = _slow_tax(number)
        return Owner(f"t:{tax_code}", name, folded, None, tax_code, numerator, denominator)
    return Owner(f"n:{folded}", name, folded, None, None, numerator, denominator)


def _share(text: Any) -> tuple[int, int]:
    if not isinstance(text, str):
        raise WrongError("string_type", {})
    return _parsed(text)


@lru_cache(maxsize=1_000)
def _parsed(text: str) -> tuple[int, int]:
    share = parse_share(text)
    return share.numerator, share.denominator


def _folded(name: str) -> str:
    return " ".join([_folded_word(word) for word in name.split()])


@lru_cache(maxsize=50_000)
def _folded_word(word: str) -> str:
    """Names are made of few words."""
    return fold(word)
