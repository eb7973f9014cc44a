"""Events in: what each of them adds to the facts of a dossier.

Steps, checks and acknowledgements come by the thousand and are idempotent by themselves: the hub's ear prepares
them (`Fact`) and changes each dossier once a batch (`Changing`). Results and counted checks are not, and go
through the inbox one by one (`COUNTED`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from contracts.envelope import Event, EventData
from contracts.events.dossier import StatusChanged, VerificationRecorded
from contracts.events.population import IdentityChecksRecorded
from contracts.events.portal import StatusAcknowledged
from contracts.events.result import ResultIssued, ResultReused, ResultRevoked
from services.bus.hub.indicators import checks, facts
from services.bus.hub.indicators.counts import Changes, Place, keep, move
from services.bus.hub.indicators.models import DossierFacts
from services.bus.kit.tx import Tx

Told = Callable[[DossierFacts], bool]
"""Changes the facts of a dossier; whether it did."""


class Fact(NamedTuple):
    """An event that speaks of one dossier, `data["code"]`. `read` takes from its data what counts, `change`
    changes the facts by that and the event's version. Any order and any repetition gives the same facts."""

    model: type[EventData]
    read: Callable[[facts.Told], Any]
    change: Callable[[DossierFacts, int, Any], bool]


FACTS: Final[Mapping[str, Fact]] = {
    fact.model.cloudevents_type(): fact
    for fact in (
        Fact(StatusChanged, facts.columns_of, facts.step),
        Fact(VerificationRecorded, facts.verification_of, lambda row, _, columns: facts.put(row, columns)),
        Fact(StatusAcknowledged, facts.first_received, lambda row, _, at: facts.acknowledged(row, at)),
    )
}
"""By type."""
COUNTED: Final = frozenset(
    each.cloudevents_type() for each in (ResultIssued, ResultReused, ResultRevoked, IdentityChecksRecorded)
)
"""Types of which every single event counts: `on_counted` needs the inbox before it."""


def on_counted(tx: Tx, event: Event) -> None:
    """A result was signed, reused or revoked, or the population data were asked."""
    if event.is_a(ResultIssued):
        change(tx, event.data_as(ResultIssued).dossier_code, lambda row: _signed(row, 1))
    elif event.is_a(ResultRevoked):
        change(tx, event.data_as(ResultRevoked).dossier_code, lambda row: _signed(row, -1))
    elif event.is_a(ResultReused):
        change(tx, event.data_as(ResultReused).dossier_code, _used_store)
    elif event.is_a(IdentityChecksRecorded):
        checks.record(tx, event.key, event.data_as(IdentityChecksRecorded))


def read(fact: Fact, data: Mapping[str, Any]) -> tuple[str, Any]:
    """The dossier's code, and what counts of the data. Data of a form of their own are read as the contract says:
    raises pydantic's ValidationError, or ValueError, if they do not fit it."""
    try:
        return facts.text(data["code"]), fact.read(data)
    except (LookupError, TypeError, ValueError, AttributeError):
        strictly = fact.model.model_validate(data).model_dump(mode="json")
        return strictly["code"], fact.read(strictly)


class Changing:
    """The facts of dossiers while a transaction changes them; `keep` keeps the counts with them."""

    def __init__(self, tx: Tx, codes: Iterable[str]) -> None:
        self._tx = tx
        self._rows: dict[str, tuple[DossierFacts, Place | None]] = {}
        self._changed: set[str] = set()
        tx.preload(DossierFacts, codes)

    def row(self, code: str) -> DossierFacts:
        """The facts of a dossier, to be changed; `changed` if they were."""
        known = self._rows.get(code)
        if known is not None:
            return known[0]
        row = self._tx.find(DossierFacts, code)
        if row is None:
            row = self._tx.insert(DossierFacts, code=code, **facts.NOTHING)
        self._rows[code] = row, _place(row)
        return row

    def changed(self, code: str) -> None:
        self._changed.add(code)

    def keep(self) -> None:
        """Conclude from what has changed."""
        changes: Changes = Changes()
        for code in self._changed:
            row, before = self._rows[code]
            facts.conclude(row)
            after = _place(row)
            if before != after:
                move(changes, before, after)
        keep(self._tx, changes)


def change(tx: Tx, code: str, told: Told) -> None:
    """Have `told` change the facts of one dossier, and keep the counts with them."""
    changing = Changing(tx, (code,))
    if told(changing.row(code)):
        changing.changed(code)
    changing.keep()


def _place(row: DossierFacts) -> Place | None:
    """Where a dossier is counted; None before it was received."""
    if row.received_on is None:
        return None
    return row.received_on, row.agency, row.procedure_code, row.flags


def _signed(row: DossierFacts, results: int) -> bool:
    row.signed_results += results
    return True


def _used_store(row: DossierFacts) -> bool:
    row.store_uses += 1
    return True
