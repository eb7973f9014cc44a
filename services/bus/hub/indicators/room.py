"""The indicators while the hub runs: whose figures they are, and the work beside the requests."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Final, cast

import structlog
from fastapi import Request
from pydantic_core import to_json
from sqlalchemy import select

from contracts.catalogue.indicators import DossierSet, on_time_rule
from contracts.catalogue.procedures import procedures
from services.bus.hub.indicators.book import Book, province
from services.bus.hub.indicators.counts import purge, recount
from services.bus.hub.indicators.models import DossierFacts, State
from services.bus.hub.indicators.reactions import Changing
from services.bus.hub.indicators.sets import AGENCY, PROCEDURE, about, kept_masks
from services.bus.kit.api import service_of
from services.bus.kit.service import Service
from services.bus.kit.tx import Tx

log = structlog.get_logger(__name__)

EXTRA: Final = "indicators"
PURGE_EVERY_S: Final = 600.0
CHUNK: Final = 2_000
_RULES: Final = "rules"


@dataclass(frozen=True)
class Room:
    """What the routes need besides the store."""

    book: Book


def room_of(request: Request) -> Room:
    return cast("Room", service_of(request).extra[EXTRA])


@contextlib.asynccontextmanager
async def living(service: Service) -> AsyncIterator[None]:
    """The indicators for the length of the block."""
    service.extra[EXTRA] = Room(province())
    yield


async def keep_indicators(service: Service) -> None:
    """Conclude anew from what a rule or the catalogue has changed, then tidy up now and then."""
    await restate(service)
    while True:
        await asyncio.sleep(PURGE_EVERY_S)
        await service.store.write(purge)


def digest() -> str:
    """Of everything flags and counts depend on besides the facts: the sets, the on-time rule, the procedures, and
    what is kept of agencies and procedures."""
    of_procedures = [(each.code, about(each.code)) for each in procedures()]
    kept = [kept_masks(AGENCY), kept_masks(PROCEDURE)]
    known = [list(DossierSet), on_time_rule().model_dump(), of_procedures, kept]
    return hashlib.sha256(to_json(known)).hexdigest()


async def restate(service: Service) -> int:
    """Conclude and count anew from all facts, a chunk at a time, if the rules are not those it was done by.

    Returns how many dossiers that were. Events may come in meanwhile."""
    wanted = digest()
    if await service.store.read(stated) == wanted:
        return 0
    restated, after = 0, ""
    while codes := await service.store.read(partial(_codes, after=after)):
        await service.store.write(partial(_conclude, codes=codes))
        restated, after = restated + len(codes), codes[-1]
    await service.store.write(partial(_note, wanted=wanted))
    log.info("indicators.restated", dossiers=restated)
    return restated


def stated(tx: Tx) -> str | None:
    """The digest of the rules the flags were made by."""
    row = tx.find(State, _RULES)
    return None if row is None else row.digest


def _codes(tx: Tx, after: str) -> list[str]:
    statement = select(DossierFacts.code).where(DossierFacts.code > after).order_by(DossierFacts.code)
    return list(tx.scalars(statement.limit(CHUNK)))


def _conclude(tx: Tx, codes: list[str]) -> None:
    changing = Changing(tx, codes)
    for code in codes:
        changing.row(code)
        changing.changed(code)
    changing.keep()


def _note(tx: Tx, wanted: str) -> None:
    recount(tx)
    row = tx.find(State, _RULES)
    if row is None:
        tx.add(State(name=_RULES, digest=wanted))
    else:
        row.digest = wanted
