"""Taking in a dossier (tiếp nhận hồ sơ): checked, numbered without a gap, written, announced.

An online dossier begins at status 1 and waits to be received; one handed in at the counter or by post begins
at 2, already received. Population is not asked here: a dossier is taken whether or not it answers.
"""

from __future__ import annotations

from collections.abc import Sequence as Many
from datetime import datetime

from contracts.catalogue.agencies import agency
from contracts.catalogue.plans import Plan, plan_of
from contracts.catalogue.procedure_rules import rules_of
from contracts.catalogue.procedures import Procedure, procedure
from contracts.catalogue.search import fold
from contracts.identifiers import format_dossier_code
from contracts.problems import AGENCY_CANNOT_RECEIVE, NO_PLAN, UNKNOWN_PROCEDURE, Problem
from contracts.status import Channel, DossierStatus
from contracts.times import vn_date
from services.bus.kit.outbox import begin_trace
from services.bus.kit.tx import Tx
from services.dossier import schemas
from services.dossier.commands.steps import record, start_the_clock
from services.dossier.forms import check_form
from services.dossier.models import Dossier, Sequence
from services.dossier.tasks.course import follow
from services.dossier.tasks.plans import keep
from services.dossier.views import accepted

_EMPTY = (
    "received_at",
    "completed_at",
    "returned_at",
    "refused_at",
    "due_at",
    "deadline",
    "paused_at",
    "paused_from",
    "supplement_due_at",
    "verified_at",
)


def check_new(new: schemas.NewDossier) -> Procedure:
    """What needs no database: procedure and agency exist, the form follows its schema. Raises Problems."""
    try:
        about = procedure(new.procedure_code)
    except ValueError:
        raise Problem(UNKNOWN_PROCEDURE, field="body.procedure_code", procedure=new.procedure_code) from None
    try:
        agency(new.receiving_agency)
    except ValueError:
        raise Problem(AGENCY_CANNOT_RECEIVE, field="body.receiving_agency", agency=new.receiving_agency) from None
    check_form(new.procedure_code, new.form)
    return about


def plan_for(new: schemas.NewDossier, handling: schemas.Handling) -> Plan | None:
    """The plan systems will carry this dossier out by, if they do. Raises NO_PLAN where they are asked to and
    the procedure has none."""
    chosen = new.handling or handling
    plan = plan_of(new.procedure_code) if chosen == "systems" else None
    if plan is None and new.handling == "systems":
        raise Problem(NO_PLAN, field="body.handling", procedure=new.procedure_code)
    return plan


class TakeIn:
    """The command that takes in one dossier. Check it with `check_new` first."""

    brief = True

    def __init__(
        self,
        new: schemas.NewDossier,
        *,
        now: datetime,
        caller: str,
        portal_reference: str | None = None,
        handling: schemas.Handling = "officer",
    ) -> None:
        self.new = new
        self.plan = plan_for(new, handling)
        self.now = now
        self.caller = caller
        self.portal_reference = portal_reference
        self.day = vn_date(now)
        self.agency = agency(new.receiving_agency).code
        self.sequence_id = f"{self.agency}-{self.day:%y%m%d}"

    @staticmethod
    def prepare(tx: Tx, commands: Many[TakeIn]) -> None:
        tx.preload(Sequence, {each.sequence_id for each in commands}, for_update=True)

    def __call__(self, tx: Tx) -> schemas.DossierAccepted:
        new, now = self.new, self.now
        about = procedure(new.procedure_code)
        online = new.channel is Channel.ONLINE
        applicant = new.applicant
        dossier = tx.insert(
            Dossier,
            code=self._next_code(tx),
            version=1,
            status=(DossierStatus.SUBMITTED if online else DossierStatus.RECEIVED).value,
            procedure_code=new.procedure_code,
            receiving_agency=self.agency,
            channel=new.channel.value,
            personal_id=applicant.personal_id,
            full_name=applicant.full_name,
            folded_name=fold(applicant.full_name),
            date_of_birth=applicant.date_of_birth,
            phone=applicant.phone,
            email=applicant.email,
            kind=applicant.kind,
            summary=new.summary,
            form=new.form,
            plan=self.plan.digest if self.plan is not None else None,
            portal_reference=self.portal_reference,
            created_by=self.caller,
            created_at=now,
            verification="pending",
            verification_attempts=0,
            fees=_fees(about),
            supplements=[],
            attachments=[],
            results=[],
            **dict.fromkeys(_EMPTY),
        )
        if not online:
            start_the_clock(dossier, now)
        begin_trace(tx, dossier.code)
        record(tx, dossier, None, None, officer=new.officer or self.caller[:50], note="", now=now)
        if self.plan is not None:
            keep(tx, self.plan, now)
            follow(tx, dossier, None, note="", now=now, signer=None)  # nothing can be done yet
        return accepted(dossier)

    def _next_code(self, tx: Tx) -> str:
        """The next number of this agency's day: without gaps, because it is counted in the transaction that
        uses it."""
        row = tx.find(Sequence, self.sequence_id)
        if row is None:
            row = tx.insert(Sequence, id=self.sequence_id, last=0)
        row.last += 1
        return format_dossier_code(self.agency, self.day, row.last)


def _fees(about: Procedure) -> list[dict[str, object]]:
    if not about.fee_vnd:
        return []
    return [
        {
            "code": f"PHI-{about.code}",
            "name": "Phí, lệ phí theo thủ tục",
            "amount_vnd": about.fee_vnd,
            "due": rules_of(about.code).fee_due,
            "paid": False,
            "online": False,
        }
    ]
