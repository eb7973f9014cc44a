"""Checks of identities, as the population service announces them: by kind, channel and outcome.

Two counts that never have to agree: checks, and distinct dossiers. A row knows whether its dossier was checked
more than once (`REPEATED`), so that only those few have to be looked at to count dossiers.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import bindparam, update

from contracts.events.population import IdentityChecksRecorded
from contracts.times import vn_date
from services.bus.hub.indicators.counts import CHECK, count
from services.bus.hub.indicators.models import CheckFacts
from services.bus.kit.statements import Lookup
from services.bus.kit.tx import Tx

KINDS: Final = ("identity_check", "household_confirmation", "id_card_check")
CHANNELS: Final = ("", "direct", "online", "post")
OUTCOMES: Final = ("matched", "mismatched", "not_found")
REPEATED: Final = 1 << 6

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
    day = vn_date(told.at)
    seen: dict[str, list[tuple[str, int]]] = {}
    for row_id, on, unit, dossier, flags in tx.look_up(_OF_DOSSIER, {each.dossier for each in told.checks}):
        seen.setdefault(dossier, []).append((row_id, flags))
        if not flags & REPEATED:
            tx.later(_REPEAT, {"of_id": row_id, "flags": flags | REPEATED})
            count(tx, CHECK, on, unit, flags, -1)
            count(tx, CHECK, on, unit, flags | REPEATED, 1)
    here: dict[str, int] = {}
    for each in told.checks:
        here[each.dossier] = here.get(each.dossier, 0) + 1
    for number, each in enumerate(told.checks):
        flags = flags_of(each.kind, each.channel or "", each.outcome)
        if each.dossier in seen or here[each.dossier] > 1:
            flags |= REPEATED
        agency = each.agency or ""
        row = {
            "id": f"{key}/{number}",
            "checked_on": day,
            "agency": agency,
            "dossier": each.dossier,
            "flags": flags,
        }
        tx.append(CheckFacts, row)
        count(tx, CHECK, day, agency, flags, 1)
