"""From rows to what is told of results. Pure: no database, no clock."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from contracts.catalogue.agencies import agency
from contracts.catalogue.result_kinds import ResultKind, result_kind
from contracts.results import IssuingAgency, ResultState, SignedResult
from contracts.results.views import (
    ResultKindView,
    ResultLine,
    ResultView,
    ShownOwner,
    Verification,
)
from contracts.times import vn_date
from services.dossier.results.models import IssuedResult

DOCUMENT_TYPE = "application/json"


def state_of(row: IssuedResult, now: datetime) -> ResultState:
    """Whether the result holds now. The last day it is good for counts whole."""
    if row.superseded_by is not None:
        return ResultState.SUPERSEDED
    if row.revoked_at is not None:
        return ResultState.REVOKED
    if row.valid_until is not None and vn_date(now) > row.valid_until:
        return ResultState.EXPIRED
    return ResultState.VALID


def document_of(row: IssuedResult) -> bytes:
    """The signed document, byte for byte the same each time: `{"result": ..., "signature": ...}`."""
    return f'{{"result":{row.document},"signature":"{row.signature}"}}'.encode()


def line(row: IssuedResult, now: datetime) -> ResultLine:
    return ResultLine(**_told(row, now))


def whole(row: IssuedResult, now: datetime) -> ResultView:
    document = document_of(row)
    return ResultView(
        **_told(row, now),
        document=SignedResult.model_validate_json(document),
        sha256=hashlib.sha256(document).hexdigest(),
        key_id=row.key_id,
        version=row.version,
        supersedes=row.supersedes,
        superseded_by=row.superseded_by,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        revoked_reason=row.revoked_reason,
    )


def as_attachment(row: IssuedResult) -> dict[str, Any]:
    """A result as a dossier lists its papers (`contracts.events.dossier.Attachment`): what a completed dossier
    puts into its own `results`. The bytes meant are those of GET /v1/results/{id}/document."""
    document = document_of(row)
    return {
        "id": row.id,
        "name": f"{title_of(row)}.json",
        "component": None,
        "sha256": hashlib.sha256(document).hexdigest(),
        "size": len(document),
        "digitised": True,
        "reused": False,
        "media_type": DOCUMENT_TYPE,
    }


def title_of(row: IssuedResult) -> str:
    """What it is called as a file: the name of its kind and its number, without slashes."""
    title = result_kind(row.kind).title.vi
    return f"{title} {row.number}".replace("/", "-") if row.number else title


def verification(row: IssuedResult, now: datetime, *, signature_valid: bool) -> Verification:
    return Verification(
        verification_code=row.verification_code,
        state=state_of(row, now),
        signature_valid=signature_valid,
        kind=row.kind,
        title=result_kind(row.kind).title,
        number=row.number,
        agency=_agency(row.agency),
        issued_on=vn_date(row.issued_at),
        valid_until=row.valid_until,
        owner=shown_owner(row.owner_id, row.owner_name),
        revoked_on=vn_date(row.revoked_at) if row.revoked_at is not None else None,
        checked_at=now,
    )


def shown_owner(id: str, name: str) -> ShownOwner:
    """A citizen by initials and the last four digits; an organisation is public."""
    if len(id) != 12:
        return ShownOwner(name=name, id=id)
    initials = "".join(f"{word[0].upper()}." for word in name.split())
    return ShownOwner(name=initials, id=f"{'•' * 8}{id[-4:]}")


def kind(about: ResultKind) -> ResultKindView:
    return ResultKindView(
        kind=about.name,
        code=about.code,
        title=about.title,
        valid_months=about.valid_months,
        fields={field.name: field.label for field in about.fields},
    )


def _told(row: IssuedResult, now: datetime) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "code": row.code,
        "title": result_kind(row.kind).title,
        "number": row.number,
        "owner_id": row.owner_id,
        "dossier_code": row.dossier_code,
        "procedure_code": row.procedure_code,
        "agency": _agency(row.agency),
        "issued_at": row.issued_at,
        "valid_until": row.valid_until,
        "state": state_of(row, now),
        "times_reused": row.times_reused,
        "verification_code": row.verification_code,
    }


def _agency(code: str) -> IssuingAgency:
    return IssuingAgency(code=code, name=agency(code).name)
