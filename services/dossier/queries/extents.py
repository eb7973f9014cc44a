"""What the province holds, by ranges: what the axis compares itself with all the time. And one dossier in full,
for an axis that has lost it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import select

from contracts.events.dossier import StatusChanged
from contracts.extents import Extents, ExtentsWanted
from contracts.problems import NOT_FOUND, Problem
from contracts.retold import RetoldDossier, RetoldStep
from contracts.status import Action, DossierStatus
from services.bus.kit.extents import Listing, extents, line
from services.bus.kit.tables import Position
from services.bus.kit.tx import Tx
from services.dossier.models import Dossier, Step
from services.dossier.views import snapshot

PORTAL_CONSUMER: Final = "dossier-portal"
"""Who here hears what sync says of the portal."""

_STATUSES: Final = Listing(
    Step.code, line(Step.code, Step.version, Step.status), (Step.code, Step.version), Step.at
)


def held(wanted: ExtentsWanted) -> Callable[[Tx], Extents]:
    """A query: every step, as `contracts.extents.STATUSES` says."""
    return lambda tx: Extents(extents=extents(tx, wanted, _STATUSES))


def retold(code: str) -> Callable[[Tx], RetoldDossier]:
    """A query: all that was ever announced of a dossier's statuses. Problem NOT_FOUND."""

    def query(tx: Tx) -> RetoldDossier:
        dossier = tx.find(Dossier, code)
        steps = list(tx.scalars(select(Step).where(Step.code == code).order_by(Step.version)))
        if dossier is None or not steps:
            raise Problem(NOT_FOUND, field="path.code", what="dossier", id=code)
        newest = steps[-1]
        told = StatusChanged(
            code=code,
            status=DossierStatus(newest.status),
            previous_status=DossierStatus(steps[-2].status) if len(steps) > 1 else None,
            action=Action(newest.action) if newest.action else None,
            at=newest.at,
            officer=newest.officer,
            department=newest.department,
            note=newest.note,
            dossier=snapshot(dossier),
        )
        heard = tx.get(Position, (PORTAL_CONSUMER, code))
        return RetoldDossier(
            newest=told,
            steps=[
                RetoldStep.model_validate({name: getattr(each, name) for name in RetoldStep.model_fields})
                for each in steps
            ],
            heard_of_portal=0 if heard is None else heard.version,
        )

    return query
