"""The plan of a replay: planned dossiers one after another, from a seed, the shares of the report exact.

Pure, and streamed: the whole half year takes no more memory than one dossier. It knows no address and no clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any, Final

from contracts.catalogue.procedures import procedure
from contracts.status import Channel, DossierStatus
from deploy.demo.applicants import Applicants, Stated
from deploy.demo.cases import Case, Cases
from deploy.demo.courses import Courses, Step
from deploy.demo.figures import (
    AS_IF_TODAY,
    BY_SYSTEMS,
    MISMATCHED_PER_10_UNVERIFIED,
    REPORTED_DOSSIERS,
    REPORTED_VERIFIED,
    SECOND_LOOKS,
    SEED,
    VERIFICATIONS_DIRECT,
    VERIFICATIONS_ONLINE,
    Selection,
    share,
)
from deploy.demo.procedures import Requests

GRANTED: Final = (DossierStatus.IN_PROGRESS, DossierStatus.COMPLETED, DossierStatus.RESULT_RETURNED)
"""What follows reception when every system says yes."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One dossier to replay: what is handed in, what then happens, and what population will say.

    `second_look`: the applicant is checked once more while the dossier is handled. `case`: systems of
    the province carry it out, and `statuses` holds the first one only.
    """

    number: int
    intake: dict[str, Any]
    steps: tuple[Step, ...]
    stated: Stated
    second_look: bool
    case: Case | None = None

    @property
    def by_systems(self) -> bool:
        return self.case is not None

    @property
    def expected(self) -> int:
        """How many statuses are to be expected: those planned, or those of a case that is simply granted."""
        return len(self.statuses) + (len(GRANTED) if self.by_systems else 0)

    @property
    def statuses(self) -> list[DossierStatus]:
        """Every status in order, the first one included."""
        online = self.intake["channel"] == Channel.ONLINE.value
        first = DossierStatus.SUBMITTED if online else DossierStatus.RECEIVED
        return [first, *(step.leads_to for step in self.steps if step.leads_to is not None)]


def plan(dossiers: int, seed: int = SEED, today: date = AS_IF_TODAY) -> Iterator[Planned]:
    """`dossiers` of them, as if handed in `today`. The shares by channel, by verification and of those for systems
    are exact for any number, up to rounding."""
    rng = Random(seed)
    verified = share(dossiers, REPORTED_VERIFIED, REPORTED_DOSSIERS)
    unverified = dossiers - verified
    mismatched = share(unverified, MISMATCHED_PER_10_UNVERIFIED, 10)
    checks = VERIFICATIONS_DIRECT + VERIFICATIONS_ONLINE
    is_verified = Selection(rng, dossiers, verified)
    is_mismatched = Selection(rng, unverified, mismatched)
    is_looked_at_again = Selection(rng, verified, share(dossiers, SECOND_LOOKS, REPORTED_DOSSIERS))
    online_verified = Selection(rng, verified, share(verified, VERIFICATIONS_ONLINE, checks))
    online_others = Selection(rng, unverified, share(unverified, VERIFICATIONS_ONLINE, checks))
    is_for_systems = Selection(rng, verified, share(dossiers, *BY_SYSTEMS))
    applicants, requests, courses = Applicants.of_the_province(rng), Requests(rng), Courses(rng)
    cases = Cases(Random(seed), today)
    for number in range(1, dossiers + 1):
        stated: Stated
        if is_verified.next():
            stated, online = "matched", online_verified.next()
            second_look = is_looked_at_again.next()
            case = cases.draw() if is_for_systems.next() else None
        else:
            stated, online = "mismatched" if is_mismatched.next() else "not_found", online_others.next()
            second_look, case = False, None
        channel = Channel.ONLINE if online else Channel.DIRECT
        if case is not None:
            yield Planned(number, _for_systems(case, requests.commune(), channel), (), stated, second_look, case)
            continue
        request = requests.draw()
        intake = {
            "procedure_code": request.procedure.code,
            "receiving_agency": request.agency,
            "channel": channel.value,
            "applicant": applicants.draw(stated),
            "form": request.form,
            "summary": request.procedure.name,
        }
        yield Planned(number, intake, courses.draw(request, channel), stated, second_look)


def _for_systems(case: Case, agency: str, channel: Channel) -> dict[str, Any]:
    return {
        "procedure_code": case.procedure_code,
        "receiving_agency": agency,
        "channel": channel.value,
        "applicant": case.applicant,
        "form": case.form,
        "summary": procedure(case.procedure_code).name,
        "handling": "systems",
    }
