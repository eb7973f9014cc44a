"""Parcels a command is about to change, read under a lock: versions count up by one, and one change wins."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.problems import NOT_FOUND, Problem
from services.bus.kit.tx import Tx
from services.registry.land.models import Parcel


def parcel_not_found(key: str) -> Problem:
    """The refusal for a key no parcel bears."""
    return Problem(NOT_FOUND, what="parcel", id=key)


def locked_parcel(tx: Tx, key: str, others: Iterable[str] = ()) -> Parcel:
    """The parcel, and any it acts together with, kept from other writers until the commit. They are locked in
    the order of their keys, so that two changes never wait for each other. Raises NOT_FOUND."""
    tx.preload(Parcel, {key, *others}, for_update=True)
    parcel = tx.find(Parcel, key)
    if parcel is None:
        raise parcel_not_found(key)
    return parcel
