"""What a completed task tells: the certificate and the parcel as they stand, or the mortgage."""

from __future__ import annotations

from typing import Any

from contracts.land import RegisteredChange, area_text
from services.bus.kit.tx import Tx
from services.registry.land.models import Change, Parcel
from services.registry.land.queries.situation import live_certificate, live_description, live_rights
from services.registry.land.rules import Situation


def of_change(tx: Tx, row: Change) -> dict[str, Any]:
    """The results of a registered change: of its parcel, or of the first one that took its place."""
    tx.flush()
    certificates = row.effects.get("certificates") or {}
    became = row.effects.get("became") or [row.parcel_key]
    key = became[0]
    parcel, described, certificate = tx.find(Parcel, key), live_description(tx, key), live_certificate(tx, key)
    assert parcel is not None
    assert described is not None
    holders = [each.name for each in live_rights(tx, key)[0][1]]
    return {
        "parcel_key": key,
        "parcel_keys": list(became),
        "change_id": row.id,
        "change_number": row.number or "",
        "certificate_code": (certificate.code or certificate.id) if certificate else "",
        "serial": certificate.id if certificate else "",
        "issued_on": certificate.issued_on.isoformat() if certificate else described.valid_from.isoformat(),
        "certificates": certificates or ({key: certificate.id} if certificate else {}),
        "holders": holders,
        "map_sheet": parcel.map_sheet,
        "parcel_number": parcel.parcel_number,
        "area_m2": area_text(described.area),
        "land_uses": [f"{code}: {area_text(area)} m²" for code, area in described.land_uses],
        "address": described.address,
        "geohash": described.geohash,
        "warnings": row.warnings,
    }


def of_mortgage(situation: Situation, filed: RegisteredChange, mortgagee: str) -> dict[str, Any]:
    """The results of a mortgage registered or deleted, but for the moment."""
    return {
        "number": filed.number or "",
        "change_id": filed.id,
        "restriction_id": filed.restriction or "",
        "parcel_key": situation.parcel,
        "mortgagor": ", ".join(each.name for each in situation.holders),
        "mortgagee": mortgagee,
        "certificate_code": situation.certificate or "",
        "warnings": filed.warnings,
    }
