"""Bình Định, 1/1 to 20/6/2023: 218,262 dossiers, and two counts of those verified that never agreed.

127,152 dossiers were verified; by channel the checks add up to 94,510 + 32,791 = 127,301. Here 149 dossiers were
checked on both channels: one reading of the difference, which the source does not explain.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from contracts.status import Channel
from services.bus.hub.indicators.book import province
from services.bus.hub.indicators.counting import Where
from services.bus.hub.indicators.examples.drafts import Draft, DraftCheck
from services.bus.hub.indicators.examples.example import Example, Figure, number, percent
from services.bus.hub.indicators.units import identity_checks
from services.bus.kit.tx import Tx

DOSSIERS: Final = 218_262
VERIFIED: Final = 127_152
DIRECT: Final = 94_510
ONLINE: Final = 32_791
HOUSEHOLDS: Final = 2_520
ID_CARDS: Final = 7_281
TWICE: Final = DIRECT + ONLINE - VERIFIED
FIRST: Final = date(2023, 1, 1)
END: Final = date(2023, 6, 21)


def example() -> Example:
    """The province as the catalogue has it."""
    book = province()
    communes = [unit.code for unit in book.communes()]
    procedures = [code for code, service in book.services.items() if service.level != "information"]
    length = (END - FIRST).days
    drafts = [
        Draft(
            agency=communes[place % len(communes)],
            procedure=procedures[place * 7 % len(procedures)],
            day=FIRST + timedelta(days=place * 61 % length),
            channel=_channel(place),
            verified=place < VERIFIED,
        )
        for place in range(DOSSIERS)
    ]
    return Example(
        title="Bình Định, 1/1–20/6/2023",
        source="REPORT 1",
        book=book,
        where=Where(FIRST, END),
        drafts=drafts,
        checks=_checks(),
        figures=figures,
        notes=(
            f"The two counts differ by {TWICE}: here as many dossiers were checked on both channels. Neither is "
            "made to agree.",
        ),
    )


def _channel(place: int) -> Channel:
    verified_online = DIRECT <= place < VERIFIED
    return Channel.ONLINE if verified_online or (place >= VERIFIED and place % 3 == 0) else Channel.DIRECT


def _checks() -> list[DraftCheck]:
    """One a verified dossier; the last `TWICE` of the direct ones once more, online."""
    found = []
    for place in range(VERIFIED):
        kind = "identity_check"
        if place < HOUSEHOLDS:
            kind = "household_confirmation"
        elif place < HOUSEHOLDS + ID_CARDS:
            kind = "id_card_check"
        channel = Channel.DIRECT if place < DIRECT else Channel.ONLINE
        found.append(DraftCheck(place + 1, kind, channel))
    again = range(DIRECT - TWICE, DIRECT)
    return found + [DraftCheck(place + 1, "identity_check", Channel.ONLINE) for place in again]


def figures(tx: Tx, example: Example) -> list[Figure]:
    """Both counts, side by side."""
    value = example.values(tx)["verified"]
    checks = identity_checks(tx, example.where)
    kinds = {each.value: each for each in checks.by_kind}
    channels = {each.value: each for each in checks.by_channel}
    received, verified = value.denominator.value or 0, value.numerator.value or 0
    return [
        Figure("dossiers", "218,262", number(received)),
        Figure("dossiers verified", "127,152", number(verified)),
        Figure("share verified", "58.26 %", percent(verified, received, 2)),
        Figure("distinct dossiers checked", "127,152", number(checks.dossiers)),
        Figure("checks, direct", "94,510", number(channels["direct"].events)),
        Figure("checks, online", "32,791", number(channels["online"].events)),
        Figure("checks, both channels", "127,301", number(checks.events)),
        Figure("checks less dossiers", "149", number(checks.events - checks.dossiers)),
        Figure("household confirmations", "2,520", number(kinds["household_confirmation"].events)),
        Figure("CMND against CCCD", "7,281", number(kinds["id_card_check"].events)),
    ]
