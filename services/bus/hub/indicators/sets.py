"""The sets a dossier can be in, each a pure function of its facts, and how they are kept: a bit a set.

`flags_of` asks every function once, when facts change; counting then only compares bits (`Mask`), so that
definitions may combine the sets as they like without a look at any dossier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Final, NamedTuple

from contracts.catalogue.indicators import DossierSet, Within, columns
from contracts.catalogue.procedure_rules import rules_of
from contracts.catalogue.procedures import procedure
from contracts.status import Channel, DossierStatus
from services.bus.hub.indicators.models import DossierFacts

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


@cache
def kept_masks() -> tuple[Mask, ...]:
    """What is counted of every agency, in this order: the columns of the tables, and whether it was checked."""
    own = [Mask.of(column) for column in columns() if column.of is None]
    return (*own, Mask.having(DossierSet.RECEIVED, DossierSet.CHECKED))


@lru_cache(maxsize=4096)
def kept_places(flags: int) -> frozenset[int]:
    """Which of them hold these flags."""
    return frozenset(place for place, mask in enumerate(kept_masks()) if mask.holds(flags))
