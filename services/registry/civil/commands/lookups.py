"""Every look at personal data leaves a line: who, for which procedure and dossier, at what; never a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx
from services.registry.civil.models import Lookup


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why somebody looks: from the headers X-Purpose, X-Dossier, X-Agency, X-Officer."""

    procedure_code: str
    dossier: str
    agency: str | None
    officer: str | None


def log_lookup(
    tx: Tx,
    kind: str,
    purpose: Purpose,
    *,
    client_id: str,
    now: datetime,
    record_id: str | None,
    personal_id: str | None,
) -> None:
    """Log one look; its answer is given once this is durable."""
    row = {
        "id": new_id(),
        "at": now,
        "kind": kind,
        "client_id": client_id,
        "procedure_code": purpose.procedure_code,
        "dossier": purpose.dossier,
        "agency": purpose.agency,
        "officer": purpose.officer,
        "record_id": record_id,
        "personal_id": personal_id,
    }
    tx.append(Lookup, row)
