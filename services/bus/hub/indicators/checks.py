"""Checks of identities, as the population service announces them: by kind, channel and outcome.

Two counts that never have to agree: checks, and distinct dossiers. A row knows whether its dossier was checked
more than once (`REPEATED`), so that only those few have to be looked at to count dossiers.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Final

from sqlalchemy import bindparam, update

from contracts.events.population import IdentityChecksRecorded
from contracts.times import vn_date
from services.bus.hub.indicators.counts import CHECK, count
from services.bus.hub.indicators.models import REPEATED, CheckFacts
from services.bus.kit.statements import Lookup
from services.bus.kit.tx import Tx

KINDS: Final = ("identity_check", "household_confirmation", "id_card_check")
CHANNELS: Final = ("", "direct", "online", "post")
OUTCOMES: Final = ("matched", "mismatched", "not_found")

_OF_DOSSIER: Final = Lookup(CheckFacts.__table__, "dossier")
_REPEAT: Final = (
    update(CheckFacts.__table__)  # type: ignore[arg-type]
    .where(CheckFacts.id == bindparam("of_id"))
    .values(flags=bindparam("flags"))
)


def flags_of(kind: str, channel: str, outcome: str) -> int:
    """What a check was: two bits each."""
    return KINDS.index(kind) | CHANNELS.index(channel) << 2 | OUTCOMES.index(outcome) << 4


def parts_of(flags: int) -> tuple[str, str, str]:
    """Kind, channel and outcome."""
    return KINDS[flags & 3], CHANNELS[flags >> 2 & 3], OUTCOMES[flags >> 4 & 3]


def record(tx: Tx, key: str, told: IdentityChecksRecorded) -> None:
    """Keep the checks of one event."""
    tx.run_later()  # what earlier events of this batch said of the same dossiers has to be found
    today = vn_date(told.at)
    here = Counter(each.dossier for each in told.checks)
    changes: Counter[tuple[date, str, int]] = Counter()
    known = set()
    for row_id, day, agency, dossier, flags in tx.look_up(_OF_DOSSIER, here):
        known.add(dossier)
        if not flags & REPEATED:
            tx.later(_REPEAT, {"of_id": row_id, "flags": flags | REPEATED})
            changes[day, agency, flags] -= 1
            changes[day, agency, flags | REPEATED] += 1
    for number, each in enumerate(told.checks):
        flags = flags_of(each.kind, each.channel or "", each.outcome)
        if each.dossier in known or here[each.dossier] > 1:
            flags |= REPEATED
        agency = each.agency or ""
        row = {
            "id": f"{key}/{number}",
            "checked_on": today,
            "agency": agency,
            "dossier": each.dossier,
            "flags": flags,
        }
        tx.append(CheckFacts, row)
        changes[today, agency, flags] += 1
    for (day, agency, flags), rows in changes.items():
        count(tx, CHECK, day, agency, flags, rows)
