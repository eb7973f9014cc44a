"""Split and merge (tách thửa, hợp thửa): old parcels end, new ones begin with all that belongs to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contracts.identifiers import format_parcel_key
from contracts.land import RightKind, RightSource, hundredths
from services.registry.land.commands.book import Book, Outcome, Uses, holder_of
from services.registry.land.models import Parcel, Restriction
from services.registry.land.queries.situation import live_holdings, live_rights
from services.registry.land.rules import HolderNow, Situation


def split(book: Book, parcel: Parcel, now: Situation, number: str) -> Outcome:
    """Each piece becomes a parcel of its own, under the right of the old one and everything that restricts it."""
    restrictions = _end(book, parcel)
    outcome = Outcome()
    for piece in now.asked.pieces:
        area = hundredths(piece.area_m2)
        if piece.land_uses is not None:
            uses: Uses = [[each.code, hundredths(each.area_m2)] for each in piece.land_uses]
        else:
            uses = [[code, area] for code, _ in now.land_uses]
        holders = now.holders if piece.holders is None else tuple(holder_of(each) for each in piece.holders)
        described = (area, uses, piece.geohash or now.geohash, _or(piece.address, now.address))
        key = format_parcel_key(parcel.unit_code, parcel.map_sheet, piece.parcel_number)
        _begin(book, key, now, described, RightSource.SPLIT, holders, restrictions, number, outcome, parcel.key)
    outcome.became = tuple(outcome.certificates)
    outcome.effects = {"became": list(outcome.became), "certificates": dict(outcome.certificates)}
    return outcome


def merge(book: Book, parcel: Parcel, now: Situation, number: str) -> Outcome:
    """The parcels become one, with the land uses and the restrictions of all."""
    asked = now.asked
    restrictions: list[Restriction] = []
    uses: dict[str, int] = {}
    for one in now.together:
        row = book.tx.find(Parcel, one.parcel)
        assert row is not None
        restrictions += _end(book, row)
        for code, area in one.land_uses:
            uses[code] = uses.get(code, 0) + area
    outcome = Outcome()
    key = format_parcel_key(parcel.unit_code, parcel.map_sheet, asked.parcel_number)
    described = (
        hundredths(asked.area_m2),
        [[code, area] for code, area in uses.items()],
        asked.geohash or now.geohash,
        _or(asked.address, now.address),
    )
    old = [one.parcel for one in now.together]
    _begin(book, key, now, described, RightSource.MERGE, now.holders, restrictions, number, outcome, *old)
    outcome.became = (key,)
    outcome.effects = {"came_from": old, "became": [key], "certificates": dict(outcome.certificates)}
    return outcome


def _end(book: Book, parcel: Parcel) -> list[Restriction]:
    """End a parcel with all that was in force; its restrictions, to be carried over."""
    rights = [right for right, _ in live_rights(book.tx, parcel.key)]
    held = live_holdings(book.tx, [right.id for right in rights])
    return book.retire(parcel, [*rights, *(each for rows in held.values() for each in rows)])


def _begin(
    book: Book,
    key: str,
    now: Situation,
    described: tuple[int, Uses, str, str],
    source: RightSource,
    holders: Sequence[HolderNow],
    restrictions: Sequence[Restriction],
    number: str,
    outcome: Outcome,
    *came_from: str,
) -> None:
    area, uses, geohash, address = described
    parcel = book.make_parcel(key, book.today)
    book.describe(key, area, uses, geohash, address)
    book.begin_right(key, RightKind.USE, source.value, now.term_until, holders)
    book.announce_parcel(parcel, area, uses, geohash, holders, *came_from)
    outcome.certificates[key] = book.issue_certificate(parcel, None, holders)
    for carried in book.carry(restrictions, key):
        book.announce_restriction(parcel, carried, number, live=True)


def _or(given: Any, otherwise: str) -> str:
    return otherwise if given is None else str(given)
