"""The values of the indicators: definitions applied to what was counted. Pure but for the two queries.

A side that nobody can know makes its indicator N/A, with the reason; it is never taken for 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from contracts.catalogue.indicators import (
    Difference,
    Dossiers,
    Given,
    Group,
    Indicator,
    Larger,
    Procedures,
    Services,
    Side,
    groups,
    indicators,
)
from contracts.problems.text import Text
from services.bus.hub.indicators import schemas
from services.bus.hub.indicators.book import Book
from services.bus.hub.indicators.counting import Tally, Where, counts
from services.bus.hub.indicators.sets import RECEIVED, Mask, masks_of, needed
from services.bus.kit.tx import Tx

OLDER_LEVELS = frozenset({"level_2", "level_3", "level_4"})
_NOTHING_TO_DIVIDE = Text("Mẫu số bằng 0.", "The denominator is 0.")
_OTHER_LEVELS = Text(
    "Danh mục không phân loại theo các mức này.", "The catalogue does not classify by these levels."
)


class UnknownFigureError(Exception):
    """A side nobody can know."""

    def __init__(self, why: Text) -> None:
        super().__init__(why.en)
        self.why = why


@dataclass(frozen=True)
class Figures:
    """What was counted: how many dossiers each mask holds, by procedure."""

    masks: Mapping[Mask, int]
    by_procedure: Mapping[str, Sequence[int]]
    totals: Sequence[int]

    def dossiers(self, mask: Mask) -> int:
        return self.totals[self.masks[mask]]

    def procedures(self, mask: Mask) -> frozenset[str]:
        place = self.masks[mask]
        return frozenset(code for code, sums in self.by_procedure.items() if sums[place] > 0)


def figures(tally: Tally) -> Figures:
    """What was counted by procedure, over all periods."""
    by_procedure: dict[str, Sequence[int]] = {}
    for (procedure, _), sums in tally.by_key.items():
        before = by_procedure.get(procedure)
        by_procedure[procedure] = sums if before is None else [*map(sum, zip(before, sums, strict=True))]
    return Figures({mask: place for place, mask in enumerate(tally.masks)}, by_procedure, tally.total())


def measure(side: Side, found: Figures, book: Book) -> int:
    """The number a side counts. Raises UnknownFigureError."""
    match side:
        case Dossiers():
            return found.dossiers(Mask.of(side))
        case Procedures():
            codes = found.procedures(Mask.of(side))
            return len(codes & book.offered(side.among)) if side.among else len(codes)
        case Services():
            if not _classified(side.level, book):
                raise UnknownFigureError(_OTHER_LEVELS)
            return len(book.offered(side.level, fee=side.fee, pays_online=side.pays_online))
        case Given():
            given = book.inputs[side.name]
            if given.value is None:
                assert given.why is not None
                raise UnknownFigureError(
                    Text(f"{given.what.vi}: {given.why.vi}", f"{given.what.en}: {given.why.en}")
                )
            return given.value
        case Larger():
            return max(measure(each, found, book) for each in side.of)
        case Difference():
            first, *others = (measure(each, found, book) for each in side.of)
            return first - sum(others)


def _classified(levels: Sequence[str], book: Book) -> bool:
    """Whether the catalogue tells these levels apart: it uses the older ones or today's."""
    older = any(service.level in OLDER_LEVELS for service in book.services.values())
    return not levels or any((level in OLDER_LEVELS) == older for level in levels)


def values(
    tx: Tx,
    book: Book,
    where: Where,
    *,
    now: datetime,
    link: Mapping[str, str] | None = None,
    group: str | None = None,
) -> schemas.Values:
    """Every indicator, or those of one group."""
    at = where.compared_at(now)
    found = figures(counts(tx, where, "procedure", needed(indicators().values()), at=at))
    return schemas.Values(
        first_day=where.since,
        last_day=where.last,
        compared_at=at,
        dossiers=found.dossiers(RECEIVED),
        groups=[_group(each, found, book, link) for each in groups() if group in (None, each.id)],
    )


def _group(group: Group, found: Figures, book: Book, link: Mapping[str, str] | None) -> schemas.GroupValue:
    all_of_it = [value_of(each, found, book, link) for each in group.indicators]
    earned = [each for each in all_of_it if each.points is not None and each.points_max is not None]
    return schemas.GroupValue(
        id=group.id,
        number=group.number,
        name_vi=group.name.vi,
        name_en=group.name.en,
        points=round(sum(each.points or 0 for each in earned), 4) if group.max is not None else None,
        points_known=sum(each.points_max or 0 for each in earned) if group.max is not None else None,
        points_max=group.max,
        indicators=all_of_it,
    )


def value_of(
    definition: Indicator, found: Figures, book: Book, link: Mapping[str, str] | None = None
) -> schemas.Value:
    """One indicator."""
    above, no_numerator = _known(definition.numerator, found, book)
    below, no_denominator = _known(definition.denominator, found, book)
    why = no_denominator or no_numerator
    times: float | None = None
    ratio: float | None = None
    points: float | None = None
    if above is not None and below is not None:
        if below == 0:
            ratio, why = _empty(definition)
        else:
            ratio = above / below
        if ratio is not None and definition.times is not None:
            times = value_of(indicators()[definition.times], found, book).ratio or 0.0
            ratio *= times
        points = _points(definition, ratio)
    return schemas.Value(
        id=definition.id,
        name_vi=definition.name.vi,
        name_en=definition.name.en,
        numerator=_side(definition, "numerator", above, link),
        denominator=_side(definition, "denominator", below, link),
        ratio=ratio,
        percent=round(ratio * 100, 2) if ratio is not None else None,
        times=times,
        points=points,
        points_max=definition.points,
        why_vi=why.vi if why else None,
        why_en=why.en if why else None,
        mark=definition.mark,
        source=definition.source,
    )


def _known(side: Side, found: Figures, book: Book) -> tuple[int | None, Text | None]:
    try:
        return measure(side, found, book), None
    except UnknownFigureError as unknown:
        return None, unknown.why


def _empty(definition: Indicator) -> tuple[float | None, Text | None]:
    """What holds when there is nothing to divide by."""
    if definition.empty == "na":
        return None, _NOTHING_TO_DIVIDE
    return (0.0 if definition.empty == "zero" else 1.0), _NOTHING_TO_DIVIDE


def _points(definition: Indicator, ratio: float | None) -> float | None:
    if definition.points is None or ratio is None:
        return None
    return round(min(definition.points, definition.points * ratio / definition.full_from), 4)


def _side(
    definition: Indicator, name: str, value: int | None, link: Mapping[str, str] | None
) -> schemas.SideValue:
    side: Side = getattr(definition, name)
    behind = None
    if link is not None and dossiers_behind(side) is not None:
        behind = f"/v1/indicators/{definition.id}/dossiers?{urlencode({'side': name, **link})}"
    return schemas.SideValue(value=value, counts=side.count, dossiers=behind)


def dossiers_behind(side: Side) -> Mask | None:
    """The dossiers a side looks at, if it looks at any: those of the first part where it has several."""
    return next(masks_of((side,)), None)
