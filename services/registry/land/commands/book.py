"""The book of the land registry as one change writes into it: rows begun, rows ended, events announced.

Nothing is overwritten: what changes is ended and begun anew. `Book` belongs to one change in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from contracts.catalogue.search import fold
from contracts.envelope import EventData
from contracts.events.land import LandCertificateIssued, LandHolder, LandRestrictionChanged, ParcelRegistered
from contracts.land import (
    CertificateState,
    RestrictionKind,
    RightKind,
    area_text,
    parse_share,
    share_text,
)
from contracts.times import vn_date
from services.bus.kit.ids import new_id
from services.bus.kit.outbox import emit
from services.bus.kit.tx import Tx
from services.registry.land.commands import numbering
from services.registry.land.models import (
    Certificate,
    ChangedParcel,
    Description,
    Holding,
    Parcel,
    Restriction,
    Right,
    Source,
)
from services.registry.land.queries.situation import (
    live_certificate,
    live_description,
    live_holdings,
    live_restrictions,
)
from services.registry.land.rules import HolderNow

Uses = list[list[Any]]


@dataclass(slots=True)
class Outcome:
    """What a change did: the parcels after it, new certificates by parcel, the restriction it was about."""

    certificates: dict[str, str] = field(default_factory=dict)
    restriction: str | None = None
    became: tuple[str, ...] = ()
    effects: dict[str, Any] = field(default_factory=dict)


class Book:
    """Writes the rows of one change."""

    def __init__(self, tx: Tx, change_id: str, now: datetime) -> None:
        self.tx = tx
        self.change_id = change_id
        self.now = now
        self.today = vn_date(now)

    # -- begin and end -------------------------------------------------------------------------------------

    def entry(self, parcel_key: str, since: date | None = None) -> dict[str, Any]:
        """The columns every entry has."""
        return {
            "id": new_id(),
            "parcel_key": parcel_key,
            "valid_from": since or self.today,
            "valid_to": None,
            "recorded_at": self.now,
            "begun_by": self.change_id,
            "ended_by": None,
        }

    def end(self, rows: Iterable[Any]) -> None:
        """These are no longer in force; at once, so that what takes their place meets no unique index."""
        for row in rows:
            row.valid_to = self.today
            row.ended_by = self.change_id
        self.tx.flush()

    def describe(
        self, parcel_key: str, area: int, uses: Uses, geohash: str, address: str, since: date | None = None
    ) -> None:
        """Begin a description of the parcel."""
        row = {"area": area, "land_uses": uses, "geohash": geohash, "address": address}
        self.tx.add(Description(**self.entry(parcel_key, since), **row))

    def redescribe(self, parcel_key: str, **changed: Any) -> None:
        """End the live description and begin one that differs in these columns."""
        row = live_description(self.tx, parcel_key)
        assert row is not None
        values = {name: getattr(row, name) for name in ("area", "land_uses", "geohash", "address")} | changed
        self.end([row])
        self.describe(parcel_key, values["area"], values["land_uses"], values["geohash"], values["address"])

    def begin_right(
        self,
        parcel_key: str,
        kind: RightKind,
        source: str,
        term_until: date | None,
        holders: Iterable[HolderNow],
        *,
        under: str | None = None,
        since: date | None = None,
    ) -> str:
        """Begin a right with its holders; its id."""
        entry = self.entry(parcel_key, since)
        self.tx.add(Right(**entry, kind=kind.value, source=source, term_until=term_until, under=under))
        self.hold(parcel_key, entry["id"], holders, since)
        right_id: str = entry["id"]
        return right_id

    def hold(
        self, parcel_key: str, right_id: str, holders: Iterable[HolderNow], since: date | None = None
    ) -> None:
        """Begin these parties' shares of a right."""
        for each in holders:
            self.tx.add(Holding(**self.entry(parcel_key, since), right_id=right_id, **party_columns(each)))

    def reshare(self, parcel_key: str, right_id: str, holders: Iterable[HolderNow]) -> None:
        """From now on these hold the right; a share that stays as it is stays the same row."""
        wanted = {each.key: each for each in holders}
        rows = live_holdings(self.tx, [right_id]).get(right_id, [])
        kept = {
            row.party_key: row
            for row in rows
            if row.party_key in wanted
            and Fraction(row.numerator, row.denominator) == wanted[row.party_key].share
            and row.name == wanted[row.party_key].name
        }
        self.end(row for row in rows if kept.get(row.party_key) is not row)
        self.hold(parcel_key, right_id, [each for key, each in wanted.items() if key not in kept])

    def restrict(
        self,
        parcel_key: str,
        kind: str,
        *,
        holder: str,
        holder_key: str,
        document_number: str,
        document_date: date,
        amount_vnd: int = 0,
        allows_disposal: bool = False,
        note: str = "",
        carried_from: str | None = None,
    ) -> str:
        """Begin a restriction; its id."""
        entry = self.entry(parcel_key)
        self.tx.add(
            Restriction(
                **entry,
                kind=kind,
                holder=holder,
                holder_key=holder_key,
                document_number=document_number,
                document_date=document_date,
                amount_vnd=amount_vnd,
                allows_disposal=allows_disposal,
                note=note,
                carried_from=carried_from,
            )
        )
        restriction_id: str = entry["id"]
        return restriction_id

    def carry(self, restrictions: Iterable[Restriction], parcel_key: str) -> list[tuple[str, str]]:
        """Enter restrictions of an old parcel against a new one; their ids and kinds."""
        return [
            (
                self.restrict(
                    parcel_key,
                    each.kind,
                    holder=each.holder,
                    holder_key=each.holder_key,
                    document_number=each.document_number,
                    document_date=each.document_date,
                    amount_vnd=each.amount_vnd,
                    allows_disposal=each.allows_disposal,
                    note=each.note,
                    carried_from=each.id,
                ),
                each.kind,
            )
            for each in restrictions
        ]

    # -- certificates --------------------------------------------------------------------------------------

    def withdraw_certificate(self, parcel_key: str, state: CertificateState) -> str | None:
        """End the live certificate; its serial, None if there is none."""
        row = live_certificate(self.tx, parcel_key)
        if row is None:
            return None
        row.state = state.value
        self.end([row])
        return row.id

    def issue_certificate(self, parcel: Parcel, replaces: str | None, holders: Iterable[HolderNow]) -> str:
        """Issue a certificate of our series and say so; its serial."""
        serial = numbering.certificate_serial(self.tx)
        number = numbering.issue_number(self.tx, parcel.unit_code, self.today.year)
        code = numbering.certificate_code(serial)
        return self.enter_certificate(parcel, serial, number, code, self.today, replaces, holders)

    def enter_certificate(
        self,
        parcel: Parcel,
        serial: str,
        number: str,
        code: str | None,
        issued_on: date,
        replaces: str | None,
        holders: Iterable[HolderNow],
        since: date | None = None,
    ) -> str:
        """Enter a certificate and say so; its serial."""
        columns = {**self.entry(parcel.key, since), "id": serial}
        state = CertificateState.LIVE.value
        self.tx.add(Certificate(**columns, issue_number=number, code=code, issued_on=issued_on, state=state))
        told = LandCertificateIssued(
            parcel_key=parcel.key,
            serial=serial,
            issue_number=number,
            replaces=replaces,
            holders=told_holders(holders),
            issued_on=issued_on,
            at=self.now,
        )
        self.announce(parcel, told)
        return serial

    # -- parcels -------------------------------------------------------------------------------------------

    def make_parcel(self, key: str, since: date) -> Parcel:
        """A parcel at version 0: nothing has been said of it yet."""
        unit_code, sheet, number = key.split("-")
        parcel = Parcel(
            key=key,
            version=0,
            unit_code=unit_code,
            map_sheet=int(sheet),
            parcel_number=int(number),
            registered_on=since,
            retired_on=None,
        )
        self.tx.add(parcel)
        return parcel

    def announce_parcel(
        self, parcel: Parcel, area: int, uses: Uses, geohash: str, holders: Iterable[HolderNow], *came_from: str
    ) -> None:
        """Say that this parcel is now in the registry."""
        told = ParcelRegistered(
            parcel_key=parcel.key,
            unit_code=parcel.unit_code,
            area_m2=area_text(area),
            land_uses=tuple(str(code) for code, _ in uses),
            geohash=geohash,
            holders=told_holders(holders),
            came_from=came_from,
            at=self.now,
        )
        self.announce(parcel, told)

    def retire(self, parcel: Parcel, rows: Iterable[Any]) -> list[Restriction]:
        """The parcel is no more: end it, its description, these rows, its certificate and its restrictions;
        the restrictions."""
        restrictions = live_restrictions(self.tx, parcel.key)
        described = live_description(self.tx, parcel.key)
        parcel.retired_on = self.today
        self.withdraw_certificate(parcel.key, CertificateState.WITHDRAWN)
        self.end([*rows, *restrictions, *([described] if described is not None else [])])
        return restrictions

    # -- telling -------------------------------------------------------------------------------------------

    def announce(self, parcel: Parcel, told: EventData) -> None:
        """Announce something about the parcel: its next version."""
        parcel.version += 1
        emit(self.tx, told, key=parcel.key, version=parcel.version, at=self.now)

    def announce_restriction(self, parcel: Parcel, restriction: tuple[str, str], number: str, live: bool) -> None:
        """Say that a restriction (id and kind) was entered, or is no more."""
        restriction_id, kind = restriction
        told = LandRestrictionChanged(
            parcel_key=parcel.key,
            restriction_id=restriction_id,
            kind=RestrictionKind(kind).value,
            live=live,
            change_number=number,
            at=self.now,
        )
        self.announce(parcel, told)

    def note_parcels(self, roles: dict[str, str]) -> None:
        """Which parcels the change is about, and whether each was there before it, after it, or both."""
        for key, role in roles.items():
            self.tx.add(ChangedParcel(parcel_key=key, change_id=self.change_id, role=role))

    def note_sources(self, documents: Iterable[Any]) -> None:
        """The papers behind the change."""
        for each in documents:
            self.tx.add(Source(id=new_id(), change_id=self.change_id, **each.model_dump()))


def holder_of(party: Any, share: Fraction | None = None) -> HolderNow:
    """A holder (or a party with a share) as the rules and the book see it."""
    own = share if share is not None else parse_share(party.share)
    return HolderNow(party.key, own, party.name, party.personal_id, party.tax_code)


def party_columns(holder: HolderNow) -> dict[str, Any]:
    """The columns of a share."""
    return {
        "party_key": holder.key,
        "name": holder.name,
        "folded_name": fold(holder.name)[:200],
        "personal_id": holder.personal_id,
        "tax_code": holder.tax_code,
        "numerator": holder.share.numerator,
        "denominator": holder.share.denominator,
    }


def told_holders(holders: Iterable[HolderNow]) -> tuple[LandHolder, ...]:
    """Holders as events tell them."""
    return tuple(
        LandHolder(
            name=each.name,
            personal_id=each.personal_id,
            tax_code=each.tax_code,
            share=share_text(each.share),
        )
        for each in holders
    )
