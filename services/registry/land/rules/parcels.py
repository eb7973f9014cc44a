"""Split and merge: area is conserved to the hundredth, numbers are free, what is merged is of a kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from contracts.identifiers import format_parcel_key, parse_parcel_key
from contracts.land import area_text, hundredths
from services.registry.land.rules.situation import Situation

if TYPE_CHECKING:
    from services.registry.land.rules.judge import Check, Found

P = Mapping[str, Any]


def made_by(now: Situation) -> list[tuple[str, str, int]]:
    """Each parcel the change makes: the field that numbers it, its key, its number."""
    commune, sheet, _ = parse_parcel_key(now.parcel)
    if hasattr(now.asked, "pieces"):
        numbers = [(f"pieces[{place}].parcel_number", each.parcel_number) for place, each in _pieces(now)]
    else:
        numbers = [("parcel_number", now.asked.parcel_number)]
    return [(path, format_parcel_key(commune, sheet, number), number) for path, number in numbers]


def area_conserved(now: Situation, _: P) -> Found:
    if hasattr(now.asked, "pieces"):
        before, after = now.area, sum(hundredths(each.area_m2) for _, each in _pieces(now))
        path = "pieces"
    else:
        before, after = sum(one.area for one in now.together), hundredths(now.asked.area_m2)
        path = "area_m2"
    if before != after:
        yield path, {"before": area_text(before), "after": area_text(after)}


def area_minimum(now: Situation, told: P) -> Found:
    least = {code: hundredths(Decimal(area)) for code, area in told["minimum_m2"].items()}
    for place, piece in _pieces(now):
        codes = [use.code for use in piece.land_uses] if piece.land_uses else [code for code, _ in now.land_uses]
        for code in codes:
            if hundredths(piece.area_m2) < least.get(code, 0):
                values = {"number": piece.parcel_number, "minimum": area_text(least[code]), "code": code}
                yield f"pieces[{place}].area_m2", values


def number_free(now: Situation, _: P) -> Found:
    seen: set[str] = set()
    for path, key, number in made_by(now):
        if key in now.taken or key in seen:
            yield path, {"number": number}
        seen.add(key)


def neighbours(now: Situation, _: P) -> Found:
    here = parse_parcel_key(now.parcel)[:2]
    for place, other in enumerate(now.asked.others):
        if parse_parcel_key(other)[:2] != here or other == now.parcel or other in now.asked.others[:place]:
            yield f"others[{place}]", {"other": other}


def merge_known(now: Situation, _: P) -> Found:
    for place, other in enumerate(now.asked.others):
        if other in now.others and now.others[other] is None:
            yield f"others[{place}]", {"other": other}


def same_right(now: Situation, _: P) -> Found:
    for place, key in enumerate(now.asked.others):
        other = now.others.get(key)
        if other is None:
            continue
        mine = {each.key: each.share for each in now.holders}
        theirs = {each.key: each.share for each in other.holders}
        if mine != theirs or other.term_until != now.term_until:
            yield f"others[{place}]", {"other": key}


def lettings_none(now: Situation, _: P) -> Found:
    for one in now.together:
        if one.lettings:
            yield "parcel.rights", {"parcel": one.parcel}


def uses_given(now: Situation, _: P) -> Found:
    if len(now.land_uses) > 1:
        for place, piece in _pieces(now):
            if piece.land_uses is None:
                yield f"pieces[{place}].land_uses", {}


def _pieces(now: Situation) -> Iterator[tuple[int, Any]]:
    yield from enumerate(now.asked.pieces)


CHECKS: Final[dict[str, Check]] = {
    "area.conserved": area_conserved,
    "area.minimum": area_minimum,
    "parcel-number.free": number_free,
    "merge.neighbours": neighbours,
    "merge.known": merge_known,
    "merge.same-right": same_right,
    "lettings.none": lettings_none,
    "land-uses.given": uses_given,
}
