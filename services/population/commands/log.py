"""The line each access leaves in the log, in the transaction that reads (domain 7.2: before the answer).

The log holds who asked, for which procedure and dossier, and the numbers asked for; never a name or a date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from pydantic_core import PydanticCustomError

from contracts.identifiers import convert_agency_code
from contracts.population import LookupKind
from contracts.population.checks import Check
from contracts.status import Channel
from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx
from services.population.models import Lookup


@dataclass(frozen=True, slots=True)
class Access:
    """Who looks, and for what: the purpose (procedure) and the dossier are never missing."""

    client_id: str
    procedure_code: str
    dossier: str
    request_id: str
    agency: str | None = None
    officer: str | None = None
    channel: Channel | None = None

    @classmethod
    def of_check(cls, check: Check, client_id: str) -> Access:
        return cls(
            client_id,
            check.procedure_code,
            check.dossier,
            check.request_id,
            check.agency,
            check.officer,
            check.channel,
        )


@lru_cache(maxsize=4_096)
def one_spelling(agency: str | None) -> str | None:
    """The agency's code in the form of QĐ 20/2020, so that both forms count as one unit; a code that has no
    other form stays as it is."""
    if agency is None:
        return None
    try:
        return convert_agency_code(agency, "new")
    except PydanticCustomError:
        return agency


def note(
    tx: Tx,
    access: Access,
    kind: LookupKind,
    outcome: str,
    *,
    now: datetime,
    personal_id: str | None = None,
    id_card: str | None = None,
    household_id: str | None = None,
    unit_code: str | None = None,
) -> str:
    """Log one access; returns the id of the line."""
    lookup_id = new_id()
    row = {
        "id": lookup_id,
        "at": now,
        "kind": kind.value,
        "client_id": access.client_id,
        "agency": one_spelling(access.agency),
        "officer": access.officer,
        "procedure_code": access.procedure_code,
        "dossier": access.dossier,
        "channel": access.channel,
        "request_id": access.request_id,
        "personal_id": personal_id,
        "id_card": id_card,
        "household_id": household_id,
        "unit_code": unit_code,
        "outcome": outcome,
    }
    tx.append(Lookup, row)
    return lookup_id
