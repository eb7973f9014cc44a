"""Citizens enter the population data: one, or a batch that goes in whole or not at all.

Built for thousands a second: rules first, one select a chunk for what exists, rows in bulk at the commit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from contracts.population import NewCitizen, RegisteredCitizen
from contracts.problems import ALREADY_EXISTS, FieldError, Problem
from contracts.times import vn_date
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.population import consistency, models
from services.population.commands.acts.effects import settle
from services.population.commands.changes import TAKEN
from services.population.commands.citizen_rows import citizen_row, registered, residence_rows
from services.population.queries import records


def register(tx: Tx, citizens: Sequence[NewCitizen], *, batch: bool, now: datetime) -> list[RegisteredCitizen]:
    """Register all of them or none; errors name `body[i].field`, or `body.field` without `batch`.

    Raises INCONSISTENT_PERSON, VALIDATION (a place or a residence), ALREADY_EXISTS.
    """
    paths = [f"body[{index}]" for index in range(len(citizens))] if batch else ["body"]
    today = vn_date(now)
    consistency.refuse_if_any(
        error
        for at, citizen in zip(paths, citizens, strict=True)
        for error in consistency.citizen_errors(at, citizen, today)
    )
    _refuse_taken(tx, citizens, paths)
    for citizen in citizens:
        tx.append(models.Citizen, citizen_row(citizen, now))
        for row in residence_rows(citizen):
            tx.append(models.Residence, row)
        emit(tx, registered(citizen, now), key=citizen.personal_id, version=1, at=now)
    later = settle(tx, [citizen.personal_id for citizen in citizens], now=now)
    return [
        RegisteredCitizen(personal_id=citizen.personal_id, version=later.get(citizen.personal_id, 1))
        for citizen in citizens
    ]


def taken(tx: Tx, wanted: Sequence[tuple[str, str | None]]) -> Iterator[tuple[int, str, str]]:
    """Personal ids and cards borne by somebody, in the database or earlier among these: place, field, number.
    Who is refused bears nothing."""
    ids = records.existing(tx, [number for number, _ in wanted])
    cards = records.cards_taken(tx, [card for _, card in wanted if card is not None])
    for place, (number, card) in enumerate(wanted):
        if number in ids:
            yield place, "personal_id", number
        if card is not None and card in cards:
            yield place, "id_card", card
        elif number not in ids:
            ids.add(number)
            if card is not None:
                cards.add(card)


def _refuse_taken(tx: Tx, citizens: Sequence[NewCitizen], paths: Sequence[str]) -> None:
    found = list(taken(tx, [(citizen.personal_id, citizen.id_card) for citizen in citizens]))
    if found:
        errors = [FieldError(f"{paths[place]}.{field}", "already-exists", TAKEN) for place, field, _ in found]
        raise Problem(ALREADY_EXISTS, errors=errors[: consistency.MAX_ERRORS], what="citizen", id=found[0][2])
