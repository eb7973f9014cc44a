"""Made-up dossiers: each is told as an event would tell it, and its facts follow as from any other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any, Final, NamedTuple, cast

from contracts.events.dossier import Applicant, Attachment, DossierSnapshot, StatusChanged
from contracts.events.population import CountedCheck, IdentityChecksRecorded
from contracts.status import Channel, DossierStatus
from services.bus.hub.indicators import checks, facts
from services.bus.hub.indicators.models import DossierFacts
from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx

_NINE: Final = time(2, tzinfo=UTC)
"""9:00 in Vietnam."""
_LIMIT: Final = timedelta(days=3)
_APPLICANT: Final = Applicant(personal_id="000000000000", full_name="-")
"""Facts keep nothing of who asks but the kind."""
_DIGITISED: Final = Attachment(id="-", name="-", sha256="-", size=0, digitised=True)


class Draft(NamedTuple):
    """One dossier to make up. `digitised`: papers and result are files; `signed`: its result is an electronic
    one."""

    agency: str
    procedure: str
    day: date
    channel: Channel = Channel.DIRECT
    verified: bool = False
    resolved: bool = True
    digitised: bool = False
    signed: bool = False


class DraftCheck(NamedTuple):
    """One check to make up."""

    dossier: int
    kind: str
    channel: Channel


def rows(drafts: Iterable[Draft]) -> Iterator[dict[str, Any]]:
    """The facts of each draft, under a code of its own."""
    for number, draft in enumerate(drafts, start=1):
        yield {**_facts(_anywhere(draft)), "agency": draft.agency, "code": code_of(number, draft)}


def code_of(number: int, draft: Draft) -> str:
    return f"{_series(draft.agency, draft.day)}-{number:06d}"


@cache
def _series(agency: str, day: date) -> str:
    return f"{agency}-{day:%y%m%d}"


def _anywhere(draft: Draft) -> Draft:
    """The same at no agency: facts do not depend on where a dossier was received, so most are worked out once."""
    return draft._replace(agency="-")


@cache
def _facts(draft: Draft) -> dict[str, Any]:
    row = SimpleNamespace(code="-", **facts.NOTHING)
    known = cast("DossierFacts", row)
    columns = facts.columns_of(told(draft).model_dump(mode="json"))
    facts.step(known, 3 if draft.resolved else 1, columns)
    if draft.verified:
        facts.put(known, {"verification": "matched"})
    known.signed_results += draft.signed
    known.synced_at = known.received_at
    facts.conclude(known)
    return vars(row)


def told(draft: Draft) -> StatusChanged:
    """The last step of the dossier, as its event would tell it."""
    received = _moment(draft.day)
    done = received + timedelta(days=1) if draft.resolved else None
    papers = (_DIGITISED,) if draft.digitised else ()
    return StatusChanged(
        code="-",
        status=DossierStatus.COMPLETED if draft.resolved else DossierStatus.IN_PROGRESS,
        at=done or received,
        officer="-",
        department="-",
        dossier=DossierSnapshot(
            procedure_code=draft.procedure,
            procedure_name="-",
            field="-",
            receiving_agency=draft.agency,
            channel=draft.channel,
            applicant=_APPLICANT,
            submitted_at=received,
            received_at=received,
            due_at=received + _LIMIT,
            completed_at=done,
            attachments=papers,
            results=papers,
        ),
    )


@cache
def _moment(day: date) -> datetime:
    return datetime.combine(day, _NINE)


def record_checks(tx: Tx, batch: Iterable[DraftCheck], codes: dict[int, tuple[str, Draft]]) -> None:
    """Have these checks told as one event a day."""
    by_day: dict[date, list[CountedCheck]] = {}
    for each in batch:
        code, draft = codes[each.dossier]
        counted = CountedCheck(
            kind=each.kind,
            outcome="matched",
            dossier=code,
            procedure_code=draft.procedure,
            agency=draft.agency,
            channel=each.channel.value,
        )
        by_day.setdefault(draft.day, []).append(counted)
    for day, told_then in by_day.items():
        event = IdentityChecksRecorded(checks=tuple(told_then), at=_moment(day))
        checks.record(tx, f"identity-checks/{new_id()}", event)
