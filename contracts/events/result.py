"""What becomes of electronic results (kết quả điện tử). Key: the result id. Version: counts per result.

Nothing here names the owner: who needs to know asks for the result itself, and is logged.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from contracts.envelope import EventData


class ResultIssued(EventData):
    """A result was signed and put into its owner's store. Version 1. `code` is the national code of its kind
    (MaKetQua); `supersedes` the id of the result it corrects."""

    TYPE: ClassVar[str] = "result.issued"

    result_id: str
    kind: str
    code: str
    dossier_code: str
    procedure_code: str
    agency: str
    valid_until: date | None = None
    supersedes: str | None = None
    at: datetime


class ResultReused(EventData):
    """A later dossier took the result instead of a paper. `times` counts this use."""

    TYPE: ClassVar[str] = "result.reused"

    result_id: str
    kind: str
    code: str
    issued_for: str
    dossier_code: str
    procedure_code: str
    component: str
    times: int
    at: datetime


class ResultRevoked(EventData):
    """The result does not hold any more; `superseded_by` is the id of the corrected one, if there is one."""

    TYPE: ClassVar[str] = "result.revoked"

    result_id: str
    kind: str
    code: str
    dossier_code: str
    superseded_by: str | None = None
    at: datetime
