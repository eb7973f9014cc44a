"""The sets a dossier can be in, each a pure function of its facts, and how they are kept: a bit a set.

`flags_of` asks every function once, when facts change; counting then only compares bits (`Mask`), so that
definitions may combine the sets as they like without a look at any dossier.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Final, NamedTuple

from contracts.catalogue.indicators import (
    Difference,
    Dossiers,
    DossierSet,
    Indicator,
    Larger,
    Procedures,
    Side,
    Within,
    columns,
    indicators,
)
from contracts.catalogue.procedure_rules import rules_of
from contracts.catalogue.procedures import procedure
from contracts.status import Channel, DossierStatus
from services.bus.hub.indicators.models import DossierFacts

AGENCY, PROCEDURE = "agency", "procedure"
"""By what dossiers are counted."""

COSTS, PAID_ONLINE, LISTED = 1, 2, 4
"""Bits of `fees`."""


class About(NamedTuple):
    """What the catalogue says of a procedure, as far as sets need it. `duration` is None for one it does not
    know."""

    has_fee: bool
    result_required: bool
    duration: str | None


@lru_cache(maxsize=4096)
def about(code: str) -> About:
    """A procedure of the catalogue; one that is not there has no fee, no limit, and returns no paper."""
    try:
        found = procedure(code)
    except ValueError:
        return About(False, False, None)
    return About(found.fee_vnd > 0, rules_of(code).result_required, found.duration)


def _received(facts: DossierFacts, _: About) -> bool:
    return facts.received_at is not None and DossierStatus(facts.status).counts_as_received


def _obligation(facts: DossierFacts, about: About) -> bool:
    """Something to pay: not where every fee listed is 0 đồng."""
    return bool(facts.fees & COSTS) or (about.has_fee and not facts.fees & LISTED)


_FUNCTIONS: Final[Mapping[DossierSet, Callable[[DossierFacts, About], bool]]] = {
    DossierSet.RECEIVED: _received,
    DossierSet.ONLINE: lambda facts, _: facts.channel == Channel.ONLINE,
    DossierSet.POST: lambda facts, _: facts.channel == Channel.POST,
    DossierSet.SYNCED: lambda facts, _: facts.synced_at is not None,
    DossierSet.ENDED: lambda facts, _: facts.ended_at is not None,
    DossierSet.RESOLVED: lambda facts, _: facts.completed_at is not None,
    DossierSet.RESULT_REQUIRED: lambda _, about: about.result_required,
    DossierSet.RESULT_FILE: lambda facts, _: facts.results > 0,
    DossierSet.RESULT_GIVEN: lambda facts, about: facts.results > 0 or not about.result_required,
    DossierSet.SIGNED_RESULT: lambda facts, _: facts.signed_results > 0,
    DossierSet.COMPONENT_FILE: lambda facts, _: facts.attachments > 0,
    DossierSet.DIGITISED: lambda facts, _: facts.digitised > 0,
    DossierSet.REUSED: lambda facts, _: facts.reused > 0,
    DossierSet.FROM_STORE: lambda facts, _: facts.store_uses > 0 or facts.signed_results > 0,
    DossierSet.FEE_PROCEDURE: lambda _, about: about.has_fee,
    DossierSet.OBLIGATION: _obligation,
    DossierSet.PAID_ONLINE: lambda facts, _: bool(facts.fees & PAID_ONLINE),
    DossierSet.CHECKED: lambda facts, _: facts.verification != "pending",
    DossierSet.VERIFIED: lambda facts, _: facts.verification == "matched",
    DossierSet.PERSON: lambda facts, _: facts.applicant_kind == 1,
    DossierSet.CONNECTED: lambda facts, _: facts.verification == "matched" or facts.store_uses > 0,
}
"""All but `late`, which is judged by a rule of its own (`on_time`)."""

BITS: Final[Mapping[DossierSet, int]] = {each: 1 << place for place, each in enumerate(DossierSet)}
LATE: Final = BITS[DossierSet.LATE]
_WITH_BITS: Final = tuple((BITS[each], function) for each, function in _FUNCTIONS.items())


def flags_of(facts: DossierFacts, about: About, *, late: bool) -> int:
    """The bits of every set the dossier is in."""
    flags = LATE if late else 0
    for bit, function in _WITH_BITS:
        if function(facts, about):
            flags |= bit
    return flags


class Mask(NamedTuple):
    """Flags that have these `wanted` bits among the `looked_at`."""

    looked_at: int
    wanted: int

    @classmethod
    def of(cls, sets: Within) -> Mask:
        wanted = sum(BITS[each] for each in set(sets.within))
        return cls(wanted | sum(BITS[each] for each in set(sets.without)), wanted)

    @classmethod
    def having(cls, *sets: DossierSet) -> Mask:
        wanted = sum(BITS[each] for each in sets)
        return cls(wanted, wanted)

    def holds(self, flags: int) -> bool:
        return flags & self.looked_at == self.wanted

    def on(self, channel: str) -> Mask | None:
        """The same, of one channel only; None if none of it can be."""
        there, elsewhere = _CHANNELS[channel]
        wanted, unwanted = self.wanted | there, self.looked_at & ~self.wanted | elsewhere
        return None if wanted & unwanted else Mask(wanted | unwanted, wanted)


RECEIVED: Final = Mask.having(DossierSet.RECEIVED)

_ONLINE, _POST = BITS[DossierSet.ONLINE], BITS[DossierSet.POST]
_CHANNELS: Final = {"direct": (0, _ONLINE | _POST), "online": (_ONLINE, 0), "post": (_POST, _ONLINE)}
CHANNELS: Final = tuple(_CHANNELS)


def masks_of(sides: Iterable[Side]) -> Iterator[Mask]:
    """Every mask that has to be counted for these sides."""
    for side in sides:
        if isinstance(side, Dossiers | Procedures):
            yield Mask.of(side)
        elif isinstance(side, Larger | Difference):
            yield from masks_of(side.of)


def needed(definitions: Iterable[Indicator]) -> list[Mask]:
    """Every mask that has to be counted for these definitions, and what was received at all."""
    sides = (side for each in definitions for side in (each.numerator, each.denominator))
    return sorted({RECEIVED, *masks_of(sides)})


@cache
def kept_masks(by: str) -> tuple[Mask, ...]:
    """What is counted of every agency, or of every procedure, in this order: the columns of the tables, and what
    else the pages ask for. Of a procedure they are told by channel too."""
    own = [Mask.of(column) for column in columns() if column.of is None]
    if by == AGENCY:
        more = [Mask.having(DossierSet.RECEIVED, each) for each in (DossierSet.CHECKED, DossierSet.VERIFIED)]
        return tuple(dict.fromkeys((*own, *more)))
    on_channels = (mask.on(channel) for mask in own for channel in CHANNELS)
    channels = (mask for mask in on_channels if mask)
    return tuple(dict.fromkeys((*own, *channels, *needed(indicators().values()))))


@lru_cache(maxsize=8192)
def kept_places(by: str, flags: int) -> frozenset[int]:
    """Which of them hold these flags."""
    return frozenset(place for place, mask in enumerate(kept_masks(by)) if mask.holds(flags))


@lru_cache(maxsize=65_536)
def kept_changes(by: str, before: int, after: int) -> tuple[tuple[int, int], ...]:
    """Which of them hold other flags from now on: their places, with 1 if they do and -1 if they did."""
    old, new = kept_places(by, before), kept_places(by, after)
    return (*((place, 1) for place in new - old), *((place, -1) for place in old - new))
