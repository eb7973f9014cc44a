"""What the land registry does about events of others: it notes deaths, and unlocks what an ended dossier left
pending.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from contracts.envelope import Event
from contracts.events.civil import DeathRegistered
from contracts.events.dossier import RunEnded
from services.bus.kit.tx import Tx
from services.registry.land.commands.changes import give_up
from services.registry.land.commands.deaths import note_death
from services.registry.land.queries.changes import pending_of_dossier
from services.registry.land.vbdlis.inbound import returned

CIVIL: Final = (DeathRegistered.axis_subject(),)
"""Of the civil registry only the registration of a death, which is always the first event of its record."""
RUNS: Final = (RunEnded.axis_subject(),)
_DONE: Final = frozenset({"completed", "partly"})


def react(tx: Tx, event: Event) -> None:
    """One event of the civil registry or the one-stop shop."""
    if event.is_a(DeathRegistered):
        death = event.data_as(DeathRegistered)
        if death.personal_id is not None:
            died_on = death.died_on if isinstance(death.died_on, date) else date(int(death.died_on), 1, 1)
            note_death(tx, death.personal_id, died_on)
    elif event.is_a(RunEnded):
        ended = event.data_as(RunEnded)
        for change in pending_of_dossier(tx, ended.code):
            give_up(tx, change.id, f"Hồ sơ {ended.code} đã kết thúc hoặc tạm dừng.")
        if ended.outcome in _DONE:
            returned(tx, ended.code, now=event.time)
