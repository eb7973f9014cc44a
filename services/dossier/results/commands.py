"""Changes of results: issued and signed, corrected, revoked. A signed document is never touched again.

issued ──► valid ──► expired (by its date)
             ├─────► revoked
             └─────► superseded by a corrected one
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from pydantic import ValidationError

from contracts.catalogue.agencies import agency as agency_of
from contracts.catalogue.plans import Plan
from contracts.catalogue.result_kinds import ResultKind, result_kind
from contracts.events.result import ResultIssued, ResultRevoked
from contracts.problems import RESULT_CLOSED, RESULT_INCOMPLETE, RESULT_UNSIGNABLE, FieldError, Problem, Text
from contracts.results import (
    ElectronicResult,
    IssuingAgency,
    Owner,
    canonical_json,
    new_verification_code,
)
from contracts.results.documents import MAX_BYTES
from contracts.rules import explain
from contracts.times import vn_date
from services.bus.kit.errors import validation_problem
from services.bus.kit.ids import new_id
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.dossier.models import Dossier
from services.dossier.results.compose import answered_by, compose, months_later
from services.dossier.results.keyring import Signer
from services.dossier.results.models import IssuedResult, ResultHolder
from services.dossier.results.queries import about_subjects, find_result

REPLACED: Final = "Có kết quả mới về cùng đối tượng"
"""Why a result ended that a newer one about the same subject put an end to."""


def issue(
    tx: Tx,
    signer: Signer,
    *,
    kind: str,
    owner: Owner,
    dossier_code: str,
    procedure_code: str,
    agency: str,
    content: Mapping[str, Any],
    now: datetime,
    valid_until: date | None = None,
    holders: Iterable[str] = (),
    subject: str | None = None,
    replaces: Iterable[str] = (),
    supersedes: str | None = None,
) -> IssuedResult:
    """Sign a result and put it into the store of its owner and of the further `holders`. `agency` is a code of
    the catalogue. Without `valid_until` the kind's legal period counts, if it has one. `subject` is what the
    result is about; results about a subject in `replaces`, of the kinds its own kind names, end with it.

    Raises RESULT_INCOMPLETE, RESULT_UNSIGNABLE or a validation problem, before anything is touched.
    """
    about = result_kind(kind)
    _check_complete(about, content)
    if valid_until is None and about.valid_months is not None:
        valid_until = months_later(vn_date(now), about.valid_months)
    issuer = agency_of(agency)
    try:
        result = ElectronicResult(
            id=new_id(),
            kind=about.name,
            code=about.code,
            number=_number(about, content),
            owner=owner,
            dossier_code=dossier_code,
            procedure_code=procedure_code,
            agency=IssuingAgency(code=issuer.code, name=issuer.name),
            issued_at=now,
            valid_until=valid_until,
            content=dict(content),
            verification_code=new_verification_code(),
            supersedes=supersedes,
        )
        payload = canonical_json({**result.model_dump(mode="json", exclude={"content"}), "content": dict(content)})
    except ValidationError as error:
        located = [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
        raise validation_problem(located) from None
    except ValueError as error:
        raise _unsignable("không có dạng JSON chuẩn hóa", f"has no canonical JSON: {error}") from None
    if len(payload) > MAX_BYTES:
        raise _unsignable(f"vượt quá {MAX_BYTES} byte", f"exceeds {MAX_BYTES} bytes")
    everybody = sorted({owner.id, *holders})
    row: IssuedResult = tx.insert(
        IssuedResult,
        id=result.id,
        version=1,
        kind=result.kind,
        code=result.code,
        number=result.number,
        subject=subject,
        owner_id=owner.id,
        owner_name=owner.name,
        holders=everybody,
        dossier_code=dossier_code,
        procedure_code=procedure_code,
        agency=issuer.code,
        issued_at=now,
        valid_until=valid_until,
        verification_code=result.verification_code,
        document=payload.decode(),
        signature=signer.sign(payload),
        key_id=signer.key_id,
        supersedes=supersedes,
        superseded_by=None,
        revoked_at=None,
        revoked_by=None,
        revoked_reason=None,
        times_reused=0,
    )
    for holder in everybody:
        tx.append(ResultHolder, {"holder_id": holder, "result_id": result.id})
    issued = ResultIssued(
        result_id=result.id,
        kind=result.kind,
        code=result.code,
        dossier_code=dossier_code,
        procedure_code=procedure_code,
        agency=issuer.code,
        valid_until=valid_until,
        supersedes=supersedes,
        at=now,
    )
    emit(tx, issued, key=result.id, version=1, at=now)
    for old in about_subjects(tx, about, replaces):
        if old.id not in (row.id, supersedes):
            _close(tx, old, reason=REPLACED, by=row.dossier_code, now=now, superseded_by=row.id)
    return row


def issue_for(
    tx: Tx,
    signer: Signer,
    dossier: Dossier,
    plan: Plan,
    by_step: Mapping[str, Mapping[str, Any]],
    *,
    now: datetime,
    kinds: Iterable[str] | None = None,
) -> list[IssuedResult]:
    """Issue what a dossier leaves: the result its plan names, or these `kinds`. `by_step` holds the results of
    its completed steps. Raises as `issue` does."""
    wanted = kinds if kinds is not None else (plan.result,) if plan.result is not None else ()
    applicant = {
        "personal_id": dossier.personal_id,
        "full_name": dossier.full_name,
        "date_of_birth": dossier.date_of_birth.isoformat(),
    }
    issued = []
    for name in wanted:
        about = result_kind(name)
        made = compose(about, applicant=applicant, form=dossier.form, results=answered_by(about, plan, by_step))
        issued.append(
            issue(
                tx,
                signer,
                kind=name,
                owner=made.owner,
                holders=made.holders,
                dossier_code=dossier.code,
                procedure_code=dossier.procedure_code,
                agency=dossier.receiving_agency,
                content=made.content,
                valid_until=made.valid_until,
                subject=made.subject,
                replaces=made.replaces,
                now=now,
            )
        )
    return issued


def supersede(
    tx: Tx,
    signer: Signer,
    result_id: str,
    *,
    content: Mapping[str, Any],
    reason: str,
    by: str,
    now: datetime,
    owner_name: str | None = None,
    valid_until: date | None = None,
) -> IssuedResult:
    """Issue a corrected result in the place of one that holds, to the same owner and holders; the old one stays
    readable. Raises NOT_FOUND, RESULT_CLOSED, or as `issue` does."""
    old = find_result(tx, result_id)
    _check_holds(old)
    new = issue(
        tx,
        signer,
        kind=old.kind,
        owner=Owner(id=old.owner_id, name=owner_name or old.owner_name),
        holders=old.holders,
        dossier_code=old.dossier_code,
        procedure_code=old.procedure_code,
        agency=old.agency,
        content=content,
        now=now,
        valid_until=valid_until or old.valid_until,
        subject=old.subject,
        supersedes=old.id,
    )
    _close(tx, old, reason=reason, by=by, now=now, superseded_by=new.id)
    return new


def revoke(tx: Tx, result_id: str, *, reason: str, by: str, now: datetime) -> IssuedResult:
    """The result does not hold any more (thu hồi). Raises NOT_FOUND, RESULT_CLOSED."""
    row = find_result(tx, result_id)
    _check_holds(row)
    _close(tx, row, reason=reason, by=by, now=now, superseded_by=None)
    return row


def _close(tx: Tx, row: IssuedResult, *, reason: str, by: str, now: datetime, superseded_by: str | None) -> None:
    row.version += 1
    row.revoked_at, row.revoked_by, row.revoked_reason = now, by, reason
    row.superseded_by = superseded_by
    revoked = ResultRevoked(
        result_id=row.id,
        kind=row.kind,
        code=row.code,
        dossier_code=row.dossier_code,
        superseded_by=superseded_by,
        at=now,
    )
    emit(tx, revoked, key=row.id, version=row.version, at=now)


def _check_holds(row: IssuedResult) -> None:
    if row.revoked_at is not None:
        raise Problem(RESULT_CLOSED, field="path.id", id=row.id)


def _check_complete(about: ResultKind, content: Mapping[str, Any]) -> None:
    missing = [each for each in about.fields if each.required and content.get(each.name) in (None, "", [], {})]
    if missing:
        raise Problem(
            RESULT_INCOMPLETE,
            errors=[FieldError(f"body.content.{each.name}", "missing", explain("missing")) for each in missing],
            kind=about.name,
            missing=Text(
                ", ".join(each.label.vi.lower() for each in missing),
                ", ".join(each.label.en.lower() for each in missing),
            ),
        )


def _number(about: ResultKind, content: Mapping[str, Any]) -> str | None:
    value = content.get(about.number) if about.number is not None else None
    return None if value is None else str(value)


def _unsignable(vi: str, en: str) -> Problem:
    return Problem(
        RESULT_UNSIGNABLE,
        field="body.content",
        reason_vi=f"Nội dung kết quả {vi}.",
        reason_en=f"The content of the result {en}.",
    )
