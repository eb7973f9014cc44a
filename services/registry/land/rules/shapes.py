"""Land uses, lettings, mortgages, corrections: what is asked for has to make sense of the parcel as it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from contracts.land import LandUse, RestrictionKind, area_text, hundredths
from contracts.land.changes import ChangeKind
from services.registry.land.rules.situation import Situation

if TYPE_CHECKING:
    from services.registry.land.rules.judge import Check, Found

P = Mapping[str, Any]


def uses_area(now: Situation, _: P) -> Found:
    for path, uses, area in _uses(now):
        total = sum(hundredths(each.area_m2) for each in uses)
        if total != area:
            yield path, {"sum": area_text(total), "area": area_text(area)}
    if _corrected_area(now) is not None and now.asked.land_uses is None and len(now.land_uses) > 1:
        values = {"sum": area_text(now.area), "area": area_text(_corrected_area(now) or 0)}
        yield "land_uses", values


def uses_distinct(now: Situation, _: P) -> Found:
    for path, uses, _area in _uses(now):
        seen: set[str] = set()
        for place, each in enumerate(uses):
            if each.code in seen:
                yield f"{path}[{place}].code", {"code": each.code}
            seen.add(each.code)


def within_term(now: Situation, _: P) -> Found:
    limits = [now.term_until]
    if now.asked.kind == ChangeKind.SUBLEASE:
        limits = [each.term_until for each in now.lettings if each.id == now.asked.lease]
    for limit in limits:
        if limit is not None and now.asked.until > limit:
            yield "until", {"until": now.asked.until, "limit": limit}


def letting_ahead(now: Situation, _: P) -> Found:
    if now.asked.until <= max(now.asked.effective_on, now.today):
        yield "until", {"until": now.asked.until}


def of_lease(now: Situation, _: P) -> Found:
    if not any(each.id == now.asked.lease and each.kind == "lease" for each in now.lettings):
        yield "lease", {"lease": now.asked.lease}


def purpose_differs(now: Situation, _: P) -> Found:
    wanted = sorted((each.code, hundredths(each.area_m2)) for each in now.asked.land_uses)
    if wanted == sorted(now.land_uses):
        yield "land_uses", {}


def mortgage_known(now: Situation, _: P) -> Found:
    live = {each.id for each in now.restrictions if each.kind is RestrictionKind.MORTGAGE}
    if now.asked.mortgage not in live:
        yield "mortgage", {"mortgage": now.asked.mortgage}


def something(now: Situation, _: P) -> Found:
    asked = now.asked
    names = ("address", "area_m2", "land_uses", "geohash", "term_until")
    if not asked.holders and all(getattr(asked, name, None) is None for name in names):
        yield "", {}


def _corrected_area(now: Situation) -> int | None:
    area = getattr(now.asked, "area_m2", None)
    return hundredths(area) if area is not None else None


def _uses(now: Situation) -> Iterator[tuple[str, Sequence[LandUse], int]]:
    """Every list of land uses in the request and the area it has to fill."""
    for place, piece in enumerate(getattr(now.asked, "pieces", ())):
        if piece.land_uses is not None:
            yield f"pieces[{place}].land_uses", piece.land_uses, hundredths(piece.area_m2)
    uses = getattr(now.asked, "land_uses", None)
    if uses is not None:
        area = _corrected_area(now)
        yield "land_uses", uses, now.area if area is None else area


CHECKS: Final[dict[str, Check]] = {
    "land-uses.area": uses_area,
    "land-uses.distinct": uses_distinct,
    "letting.within-term": within_term,
    "letting.ahead": letting_ahead,
    "sublease.of-lease": of_lease,
    "purpose.differs": purpose_differs,
    "mortgage.known": mortgage_known,
    "details.something": something,
}
