"""Deaths the civil registry announces: whoever is dead transfers nothing and receives nothing."""

from __future__ import annotations

from datetime import date

from services.bus.kit.tx import Tx
from services.registry.land.models import Deceased


def note_death(tx: Tx, personal_id: str, died_on: date) -> None:
    """Note that this person died, or that the day of death was put right."""
    row = tx.find(Deceased, personal_id)
    if row is None:
        tx.add(Deceased(personal_id=personal_id, died_on=died_on))
    else:
        row.died_on = died_on
