"""From rows to the shapes of the API and of the axis. Pure: no database, no clock."""

from __future__ import annotations

from typing import Any, cast

from contracts.catalogue.procedures import procedure
from contracts.events.dossier import Applicant, Attachment, DossierSnapshot, Fee, Supplement
from contracts.status import Action, Channel, DossierStatus
from services.bus.kit.models import built
from services.dossier import schemas
from services.dossier.models import Dossier, Step, Upload


def accepted(dossier: Dossier) -> schemas.DossierAccepted:
    return built(
        schemas.DossierAccepted,
        code=dossier.code,
        status=DossierStatus(dossier.status),
        version=dossier.version,
        due_at=dossier.due_at,
        verification=cast("schemas.Verification", dossier.verification),
    )


def whole(dossier: Dossier) -> schemas.DossierView:
    fields = {name: getattr(dossier, name) for name in schemas.DossierView.model_fields if hasattr(dossier, name)}
    return schemas.DossierView.model_validate(
        {
            **fields,
            "status_text": DossierStatus(dossier.status).text.vi,
            "procedure_name": procedure(dossier.procedure_code).name,
            "applicant": {name: getattr(dossier, name) for name in schemas.ApplicantView.model_fields},
        }
    )


def line(dossier: Dossier) -> schemas.DossierLine:
    fields = {name: getattr(dossier, name) for name in schemas.DossierLine.model_fields if hasattr(dossier, name)}
    return schemas.DossierLine.model_validate({**fields, "status_text": DossierStatus(dossier.status).text.vi})


def timeline_step(step: Step) -> schemas.TimelineStep:
    latency = round((step.acknowledged_at - step.at).total_seconds() * 1000, 3) if step.acknowledged_at else None
    return schemas.TimelineStep(
        version=step.version,
        status=DossierStatus(step.status),
        status_text=DossierStatus(step.status).text.vi,
        action=Action(step.action) if step.action else None,
        at=step.at,
        officer=step.officer,
        department=step.department,
        note=step.note,
        due_at=step.due_at,
        sync=schemas.StepSync.model_validate(
            {
                "state": step.sync_state,
                "sent_at": step.sent_at,
                "acknowledged_at": step.acknowledged_at,
                "latency_ms": latency,
                "attempts": step.attempts,
                "reason": step.sync_reason,
            }
        ),
    )


def paper(upload: Upload) -> schemas.Paper:
    """A complete or removed upload as the API shows it."""
    assert upload.sha256 is not None
    fields = {name: getattr(upload, name) for name in schemas.Paper.model_fields if hasattr(upload, name)}
    return schemas.Paper.model_validate({**fields, "dossier": upload.code, "sha256": upload.sha256.hex()})


def listed(upload: Upload) -> dict[str, Any]:
    """A paper as its dossier lists it and the axis carries it (`contracts.events.dossier.Attachment`)."""
    assert upload.sha256 is not None
    return {
        "id": upload.id,
        "name": upload.name,
        "component": upload.component,
        "sha256": upload.sha256.hex(),
        "size": upload.size,
        "digitised": upload.digitised,
        "reused": upload.reused,
        "media_type": upload.media_type,
    }


def snapshot(dossier: Dossier) -> DossierSnapshot:
    """The dossier as its event carries it. Rows were validated on their way in: no second validation."""
    about = procedure(dossier.procedure_code)
    return built(
        DossierSnapshot,
        procedure_code=dossier.procedure_code,
        procedure_name=about.name,
        field=about.field,
        receiving_agency=dossier.receiving_agency,
        channel=Channel(dossier.channel),
        applicant=built(
            Applicant,
            personal_id=dossier.personal_id,
            full_name=dossier.full_name,
            date_of_birth=dossier.date_of_birth,
            phone=dossier.phone,
            email=dossier.email,
            kind=dossier.kind,
        ),
        summary=dossier.summary,
        portal_reference=dossier.portal_reference,
        submitted_at=dossier.created_at,
        received_at=dossier.received_at,
        due_at=dossier.due_at,
        completed_at=dossier.completed_at,
        returned_at=dossier.returned_at,
        refused_at=dossier.refused_at,
        verification=dossier.verification,
        fees=_parts(Fee, dossier.fees),
        attachments=_parts(Attachment, dossier.attachments),
        supplements=tuple(Supplement.model_validate(each) for each in dossier.supplements),
        results=_parts(Attachment, dossier.results),
    )


def _parts(model: Any, rows: list[dict[str, Any]]) -> tuple[Any, ...]:
    return tuple(model.model_validate(row) for row in rows)
