"""Looking into somebody's store of results: for a purpose, and logged in the transaction that reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header
from pydantic import StringConstraints

from contracts.identifiers import AgencyCode, ProcedureCode
from contracts.problems import PURPOSE_REQUIRED, Problem
from contracts.results.views import Offers, ResultLine
from services.bus.kit.ids import new_id
from services.bus.kit.paging import Page
from services.bus.kit.tx import Tx
from services.dossier.results.models import ResultLookup
from services.dossier.results.queries import Wanted, of_owner, offers

_Served = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Officer = Annotated[str, StringConstraints(max_length=50, pattern=r"^[^\x00-\x1f\x7f]*$")]


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why somebody looks: the headers of a lookup, as the population service has them."""

    procedure_code: str
    dossier: str
    agency: str | None
    officer: str | None


async def _purpose(
    x_purpose: Annotated[ProcedureCode | None, Header(description="The procedure served [MaDVC]")] = None,
    x_dossier: Annotated[_Served | None, Header(description="The dossier served [MaTichHop]")] = None,
    x_agency: Annotated[AgencyCode | None, Header(description="The unit that asks [MaDonVi]")] = None,
    x_officer: Annotated[_Officer | None, Header()] = None,
) -> Purpose:
    if x_purpose is None:
        raise Problem(PURPOSE_REQUIRED, field="header.X-Purpose", header="X-Purpose")
    if x_dossier is None:
        raise Problem(PURPOSE_REQUIRED, field="header.X-Dossier", header="X-Dossier")
    return Purpose(x_purpose, x_dossier, x_agency, x_officer)


ForPurpose = Annotated[Purpose, Depends(_purpose)]


def look_up_results(
    tx: Tx,
    owner: str,
    wanted: Wanted,
    purpose: Purpose,
    *,
    caller: str,
    now: datetime,
    cursor: str | None,
    limit: int,
) -> Page[ResultLine]:
    """What lies in the store of `owner`, logged."""
    found = of_owner(tx, owner, wanted, now=now, cursor=cursor, limit=limit)
    _note(tx, owner, purpose, "results", len(found.items), caller=caller, now=now)
    return found


def look_up_offers(
    tx: Tx, owner: str, procedure_code: str, purpose: Purpose, *, caller: str, now: datetime
) -> Offers:
    """What `owner` need not hand in for a procedure, logged."""
    items = offers(tx, owner, procedure_code, now=now)
    shown = len({each.id for offer in items for each in offer.results})
    _note(tx, owner, purpose, "offers", shown, caller=caller, now=now)
    return Offers(procedure_code=procedure_code, items=items)


def _note(tx: Tx, owner: str, purpose: Purpose, what: str, shown: int, *, caller: str, now: datetime) -> None:
    line = {
        "id": new_id(),
        "at": now,
        "client_id": caller,
        "agency": purpose.agency,
        "officer": purpose.officer,
        "procedure_code": purpose.procedure_code,
        "dossier": purpose.dossier,
        "owner_id": owner,
        "what": what,
        "shown": shown,
    }
    tx.append(ResultLookup, line)
