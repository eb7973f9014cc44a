"""How many differences there are now, kept up to date with every change of one, so that nobody ever counts them.

open.missing, repairing.missing, ...    rows of a state, by kind
dossiers, dossiers.portal, ...          dossiers that have any, in all and by side
repairable                              dossiers of which something is open that can be repaired
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy.dialects import postgresql, sqlite

from gateway.sync.models import DOSSIERS, FOUND, REPAIRABLE, DifferenceCount, Known
from services.bus.kit.tx import Tx


def counted(rows: Iterable[Known]) -> Counter[str]:
    """What differences add up to: all there are of some dossiers, those that are no more aside."""
    live = [row for row in rows if row.closed_at is None]
    found = Counter(f"{row.state}.{row.kind}" for row in live)
    found[DOSSIERS] = len({row.code for row in live})
    for side, _ in {(row.side, row.code) for row in live}:
        found[f"{DOSSIERS}.{side}"] += 1
    found[REPAIRABLE] = len({row.code for row in live if row.state == FOUND and row.repairable})
    return found


def count_anew(tx: Tx, before: Counter[str], after: Counter[str]) -> None:
    """The same dossiers add up to this from now on."""
    changed = Counter(after)
    changed.subtract(before)
    for what, number in sorted(changed.items()):
        if number:
            tx.later(_adding(tx.dialect), {"what": what, "number": number})


def _adding(dialect: str) -> Any:
    statement = _ADDING.get(dialect)
    if statement is None:
        insert = (postgresql if dialect == "postgresql" else sqlite).insert(DifferenceCount)
        statement = _ADDING[dialect] = insert.on_conflict_do_update(
            index_elements=["what"], set_={"number": DifferenceCount.number + insert.excluded.number}
        )
    return statement


_ADDING: Final[dict[str, Any]] = {}
