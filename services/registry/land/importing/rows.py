"""A line as a parcel, and the parcel as what is written of it.

Built a million times over, so it is tuples in the order of `COLUMNS`, as `kit.bulk` wants them; columns that are
empty in every parcel that comes in bulk are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import orjson

from contracts.land import CertificateState, RightKind
from contracts.land.imports import PARCEL_REQUIRED
from services.bus.kit.ids import new_id
from services.bus.kit.importing.sheet import BadRowError, Error, Written
from services.registry.land.importing import fields
from services.registry.land.importing.owners import Owner, owners_of

PARCELS, DESCRIPTIONS, RIGHTS = "parcels", "descriptions", "rights"
HOLDINGS, CERTIFICATES = "holdings", "certificates"
_ENTRY: Final = ("id", "parcel_key", "valid_from", "recorded_at", "begun_by")
COLUMNS: Final = {
    PARCELS: ("key", "version", "unit_code", "map_sheet", "parcel_number", "registered_on"),
    DESCRIPTIONS: (*_ENTRY, "area", "land_uses", "geohash", "address"),
    RIGHTS: (*_ENTRY, "kind", "source", "term_until"),
    HOLDINGS: (
        *_ENTRY, "right_id", "party_key", "name", "folded_name", "personal_id", "tax_code", "numerator",
        "denominator",
    ),
    CERTIFICATES: (*_ENTRY, "issue_number", "code", "issued_on", "state"),
}  # fmt: skip
"""What is written of each table, in this order."""

_USE: Final = RightKind.USE.value
_LIVE: Final = CertificateState.LIVE.value


class Row(NamedTuple):
    """A parcel to take in."""

    key: str
    unit_code: str
    map_sheet: int
    parcel_number: int
    area: int
    land_uses: list[list[Any]]
    geohash: str
    address: str
    source: str
    term_until: date | None
    registered_on: date
    serial: str | None
    issue_number: str
    certificate_code: str | None
    issued_on: date
    owners: tuple[Owner, ...]


def row_of(told: Mapping[str, Any], today: date) -> Row:
    """The row a line becomes. Raises BadRowError with every field at fault."""
    wrong: list[Error] = [(name, "missing", {}) for name in PARCEL_REQUIRED if told.get(name) in (None, "")]
    if wrong:
        raise BadRowError(wrong)
    read = fields.Reader(told, wrong)
    registered_on = read("registered_on", fields.past(today))
    unit_code = read("unit_code", fields.unit)
    map_sheet = read("map_sheet", fields.number(99_999))
    parcel_number = read("parcel_number", fields.number(999_999))
    area = read("area_m2", fields.hundredths)
    uses = read("land_uses", fields.uses)
    geohash = read("geohash", fields.geohash)
    owners = read("owners", owners_of)
    source = read("source", fields.source) or "recognised"
    term_until = read("term_until", fields.day)
    serial = read("serial", fields.serial)
    address = read("address", fields.text(300)) or ""
    issue_number = read("issue_number", fields.text(30)) or ""
    certificate_code = read("certificate_code", fields.certificate_code)
    issued_on = read("issued_on", fields.past(today)) or registered_on
    if unit_code is not None and registered_on is not None:
        wrong += fields.unit_faults(unit_code, registered_on)
    if uses is not None and area is not None and (used := sum(each[1] for each in uses)) != area:
        wrong.append(("land_uses", "land-uses.area", {"sum": fields.m2(used), "area": fields.m2(area)}))
    if wrong:
        raise BadRowError(wrong)
    return Row(
        f"{unit_code}-{map_sheet}-{parcel_number}",
        unit_code,
        map_sheet,
        parcel_number,
        area,
        uses,
        geohash,
        address,
        source,
        term_until,
        registered_on,
        serial,
        issue_number,
        certificate_code,
        issued_on,
        owners,
    )


def write(row: Row, line: int, import_id: str, now: int | str, written: Written) -> None:
    """The parcel with its description, its right of use and who holds it, its certificate. The claim is its key
    and the certificate's serial."""
    key, since = row.key, row.registered_on.isoformat()
    written.take(line, (key, row.serial))
    written.add(PARCELS, (key, 0, row.unit_code, row.map_sheet, row.parcel_number, since))
    entry = (key, since, now, import_id)
    uses = orjson.dumps(row.land_uses).decode()
    written.add(DESCRIPTIONS, (new_id(), *entry, row.area, uses, row.geohash, row.address))
    right_id = new_id()
    until = None if row.term_until is None else row.term_until.isoformat()
    written.add(RIGHTS, (right_id, *entry, _USE, row.source, until))
    for owner in row.owners:
        written.add(HOLDINGS, (new_id(), *entry, right_id, *owner))
    if row.serial is not None:
        issued = (row.issue_number, row.certificate_code, row.issued_on.isoformat(), _LIVE)
        written.add(CERTIFICATES, (row.serial, *entry, *issued))
