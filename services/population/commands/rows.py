"""Rows that a command is about to change: read under a lock, so that versions count up by one.

One process has one writer anyway; with several replicas on PostgreSQL the row itself keeps them in line.
"""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy.orm import DeclarativeBase

from contracts.population import LifeStatus
from contracts.problems import CITIZEN_DECEASED, Problem
from services.bus.kit.tx import Tx
from services.population import models
from services.population.queries.citizens import citizen_not_found

M = TypeVar("M", bound=DeclarativeBase)


def locked(tx: Tx, model: type[M], key: str) -> M | None:
    """The row with this primary key, kept from other writers until the commit; None if there is none."""
    tx.preload(model, [key], for_update=True)
    return tx.find(model, key)


def living(tx: Tx, personal_id: str) -> models.Citizen:
    """The citizen, locked. Raises NOT_FOUND, and CITIZEN_DECEASED: what the living do is not done for the dead."""
    citizen = locked(tx, models.Citizen, personal_id)
    if citizen is None:
        raise citizen_not_found(personal_id)
    if citizen.status == LifeStatus.DECEASED:
        raise Problem(CITIZEN_DECEASED, id=personal_id)
    return citizen
