"""Every look at personal data leaves a line: who, for which procedure and dossier, at what; never a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

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


@dataclass(frozen=True, slots=True)
class LogLookup:
    """A command: log one look; its answer is given once this is durable."""

    kind: str
    purpose: Purpose
    client_id: str
    now: datetime
    record_id: str | None = None
    personal_id: str | None = None

    brief: ClassVar[bool] = True

    def __call__(self, tx: Tx) -> None:
        row = {
            "id": new_id(),
            "at": self.now,
            "kind": self.kind,
            "client_id": self.client_id,
            "procedure_code": self.purpose.procedure_code,
            "dossier": self.purpose.dossier,
            "agency": self.purpose.agency,
            "officer": self.purpose.officer,
            "record_id": self.record_id,
            "personal_id": self.personal_id,
        }
        tx.append(Lookup, row)
