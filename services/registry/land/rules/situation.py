"""What the rules look at: a parcel as it stands, and what is asked for. No database behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from contracts.land import RestrictionKind


@dataclass(frozen=True, slots=True)
class HolderNow:
    """A party and its live share."""

    key: str
    share: Fraction
    name: str = ""
    personal_id: str | None = None
    tax_code: str | None = None


@dataclass(frozen=True, slots=True)
class RestrictionNow:
    """A live restriction."""

    id: str
    kind: RestrictionKind
    document: str
    allows_disposal: bool = False


@dataclass(frozen=True, slots=True)
class LettingNow:
    """A live lease or sublease."""

    id: str
    kind: str
    term_until: date | None
    holders: tuple[HolderNow, ...]


@dataclass(frozen=True, slots=True)
class PendingNow:
    """The change that has the right locked."""

    id: str
    kind: str
    since: date
    dossier: str | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """A parcel on `today` and the change asked for (`asked`, a model of `contracts.land`; None for a block).

    `others` are the parcels to merge with, None where there is no such parcel; `taken` the keys of parcels that
    exist, among those the change would make; `deceased` the days of death known of anybody concerned."""

    parcel: str
    today: date
    asked: Any
    live: bool = True
    area: int = 0
    land_uses: tuple[tuple[str, int], ...] = ()
    address: str = ""
    geohash: str = ""
    right_id: str = ""
    source: str = ""
    term_until: date | None = None
    holders: tuple[HolderNow, ...] = ()
    certificate: str | None = None
    restrictions: tuple[RestrictionNow, ...] = ()
    lettings: tuple[LettingNow, ...] = ()
    pending: PendingNow | None = None
    others: Mapping[str, Situation | None] = field(default_factory=dict)
    taken: frozenset[str] = frozenset()
    deceased: Mapping[str, date] = field(default_factory=dict)

    def share_of(self, key: str) -> Fraction:
        """The live share of this party, 0 if it holds nothing."""
        return sum((each.share for each in self.holders if each.key == key), Fraction(0))

    @property
    def together(self) -> tuple[Situation, ...]:
        """This parcel and those it is to be merged with."""
        return (self, *(each for each in self.others.values() if each is not None))
