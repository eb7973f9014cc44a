"""Citizens enter the population data: one, or a batch that goes in whole or not at all.

Built for thousands a second: rules first, one select a chunk for what exists, rows in bulk at the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from contracts.population import NewCitizen, RegisteredCitizen
from contracts.population.values import birth_year
from contracts.problems import ALREADY_EXISTS, FieldError, Problem
from contracts.times import vn_date
from services.bus.kit.tx import Tx
from services.population import consistency, models
from services.population.commands.acts.effects import settle
from services.population.commands.changes import TAKEN
from services.population.commands.citizen_rows import citizen_row, residence_rows, tell_registered
from services.population.queries import records


def register(tx: Tx, citizens: Sequence[NewCitizen], *, batch: bool, now: datetime) -> list[RegisteredCitizen]:
    """Register all of them or none; errors name `body[i].field`, or `body.field` without `batch`.

    Raises INCONSISTENT_PERSON, VALIDATION (a place or a residence), ALREADY_EXISTS.
    """
    paths = [f"body[{index}]" for index in range(len(citizens))] if batch else ["body"]
    today = vn_date(now)
    consistency.refuse_if_any(
        error for at, citizen in zip(paths, citizens, strict=True) for error in _errors(at, citizen, today)
    )
    _refuse_taken(tx, citizens, paths)
    for citizen in citizens:
        tx.append(models.Citizen, citizen_row(citizen, now))
        for row in residence_rows(citizen):
            tx.append(models.Residence, row)
        tell_registered(tx, citizen, now)
    later = settle(tx, [citizen.personal_id for citizen in citizens], now=now)
    return [
        RegisteredCitizen(personal_id=citizen.personal_id, version=later.get(citizen.personal_id, 1))
        for citizen in citizens
    ]


def _errors(at: str, citizen: NewCitizen, today: date) -> list[FieldError]:
    born, stays = citizen.date_of_birth, citizen.residences
    found = consistency.number_errors(at, citizen.personal_id, citizen.sex, born, today)
    parts = (citizen.family_name, citizen.middle_name, citizen.given_name)
    found += consistency.name_errors(at, citizen.full_name, parts)
    found += consistency.place_errors(f"{at}.birth_place", citizen.birth_place, born)
    found += consistency.place_errors(f"{at}.hometown", citizen.hometown, born)
    for index, stay in enumerate(stays):
        found += consistency.residence_errors(f"{at}.residences[{index}]", stay, birth_year(born), today)
    if len(stays) > 1:
        found += consistency.repeated_residences(f"{at}.residences", stays)
    return found


def _refuse_taken(tx: Tx, citizens: Sequence[NewCitizen], paths: Sequence[str]) -> None:
    """Numbers borne by somebody, in the database or earlier in the batch."""
    ids = records.existing(tx, [citizen.personal_id for citizen in citizens])
    cards = records.cards_taken(tx, [citizen.id_card for citizen in citizens if citizen.id_card])
    errors = []
    first = ""
    for at, citizen in zip(paths, citizens, strict=True):
        if citizen.personal_id in ids:
            errors.append(FieldError(f"{at}.personal_id", "already-exists", TAKEN))
            first = first or citizen.personal_id
        if citizen.id_card is not None and citizen.id_card in cards:
            errors.append(FieldError(f"{at}.id_card", "already-exists", TAKEN))
            first = first or citizen.id_card
        ids.add(citizen.personal_id)
        if citizen.id_card is not None:
            cards.add(citizen.id_card)
    if errors:
        shown = errors[: consistency.MAX_ERRORS]
        raise Problem(ALREADY_EXISTS, errors=shown, what="citizen", id=first)
