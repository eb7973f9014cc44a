"""Rows that a command is about to change: read under a lock, so that versions count up by one.

One process has one writer anyway; with several replicas on PostgreSQL the row itself keeps them in line.
"""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy.orm import DeclarativeBase

from services.bus.kit.tx import Tx

M = TypeVar("M", bound=DeclarativeBase)


def locked(tx: Tx, model: type[M], key: str) -> M | None:
    """The row with this primary key, kept from other writers until the commit; None if there is none."""
    tx.preload(model, [key], for_update=True)
    return tx.find(model, key)
