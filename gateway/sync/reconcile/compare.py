"""What differs between the three sides in one dossier: a pure function, and the heart of a reconciliation.

    missing       a side lacks a status          extra       it holds one nobody sent
    different     another status or time         duplicated  it holds one twice
    out_of_order  it holds them in another order than they happened

Includes the defect known from the field (domain 1.6): the portal shows another status than the province has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from gateway.sync.payloads import wire_time


class Kind(StrEnum):
    MISSING = "missing"
    EXTRA = "extra"
    DIFFERENT = "different"
    OUT_OF_ORDER = "out_of_order"
    DUPLICATED = "duplicated"


class Side(StrEnum):
    AXIS = "axis"
    PORTAL = "portal"


Row = tuple[int, int]
"""A status as the wire knows it: (second since 1970, status)."""


@dataclass(frozen=True, slots=True)
class ProvinceDossier:
    """What the province holds: status and second by version."""

    steps: Mapping[int, Row]


@dataclass(frozen=True, slots=True)
class AxisDossier:
    """What sync holds: status and wire second by version; versions an operator gave up, and those the portal has
    acknowledged."""

    steps: Mapping[int, Row]
    discarded: frozenset[int] = frozenset()
    parked: bool = False
    acknowledged: frozenset[int] = frozenset()

    def as_acknowledged(self) -> PortalDossier | None:
        """What the portal must hold, if it cannot be asked."""
        rows = tuple(self.steps[version] for version in sorted(self.acknowledged))
        return PortalDossier(None, rows) if rows else None


@dataclass(frozen=True, slots=True)
class PortalDossier:
    """What the portal holds: the dossier's status (None if it does not tell), its rows in order of arrival
    (None if it does not list them)."""

    status: int | None
    rows: tuple[Row, ...] | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One finding. `version` is the province's, `at` the portal's ThoiDiemXuLy, where there is one.
    `repairable`: sending the dossier again puts it right; what the portal holds too much or has out of order
    cannot be taken back."""

    kind: Kind
    side: Side
    code: str
    version: int | None
    at: str | None = None
    repairable: bool = field(default=False, compare=False)
    detail: dict[str, Any] = field(default_factory=dict, compare=False)


def compare(
    code: str,
    province: ProvinceDossier | None,
    axis: AxisDossier | None,
    portal: PortalDossier | None,
) -> list[Difference]:
    """Every difference of one dossier, in no particular order."""
    of_province = {} if province is None else province.steps
    of_axis = {} if axis is None else axis.steps
    found = list(_axis_against_province(code, of_province, of_axis))
    if portal is None or portal.rows is None:
        found += _portal_as_a_whole(code, of_province, axis, portal)
        return found
    found += _portal_rows(code, of_province, axis, portal.rows)
    found += _portal_status(code, axis, portal)
    return found


def _axis_against_province(
    code: str, province: Mapping[int, Row], axis: Mapping[int, Row]
) -> Iterable[Difference]:
    detail: dict[str, Any]
    for version, (_, status) in province.items():
        row = axis.get(version)
        if row is None:
            yield Difference(Kind.MISSING, Side.AXIS, code, version, detail={"status": status})
        elif row[1] != status:
            detail = {"province": status, "axis": row[1]}
            yield Difference(Kind.DIFFERENT, Side.AXIS, code, version, detail=detail)
        elif row[0] < province[version][0]:
            detail = {"province": wire_time(province[version][0]), "axis": wire_time(row[0])}
            yield Difference(Kind.DIFFERENT, Side.AXIS, code, version, detail=detail)
    for version in axis.keys() - province.keys():
        yield Difference(Kind.EXTRA, Side.AXIS, code, version, detail={"status": axis[version][1]})


def _portal_as_a_whole(
    code: str, province: Mapping[int, Row], axis: AxisDossier | None, portal: PortalDossier | None
) -> Iterable[Difference]:
    """The portal lacks the dossier, or tells its status only."""
    if portal is not None:
        yield from _portal_status(code, axis, portal)
        return
    for version, (_, status) in (province or (axis.steps if axis else {})).items():
        yield _missing(code, version, status, axis, later=False)


def _portal_rows(
    code: str, province: Mapping[int, Row], axis: AxisDossier | None, rows: tuple[Row, ...]
) -> Iterable[Difference]:
    expected = dict(axis.steps) if axis else {}
    for number, row in province.items():
        expected.setdefault(number, row)
    versions = {row: number for number, row in expected.items()}
    seen: set[Row] = set()
    newest = 0
    extra: list[Row] = []
    for row in rows:
        version = versions.get(row)
        if row in seen:
            yield _held(Kind.DUPLICATED, code, version, row)
        elif version is None:
            extra.append(row)
        elif version < newest:
            yield _held(Kind.OUT_OF_ORDER, code, version, row)
        seen.add(row)
        newest = max(newest, version or 0)
    last = max((second for second, _ in rows), default=0)
    for absent in sorted(expected.keys() - {versions[row] for row in seen if row in versions}):
        row = expected[absent]
        other = _counterpart(row, extra)
        if other is not None:
            extra.remove(other)
            detail = {"expected": _shown(row), "portal": _shown(other)}
            yield Difference(Kind.DIFFERENT, Side.PORTAL, code, absent, wire_time(other[0]), detail=detail)
        else:
            yield _missing(code, absent, row[1], axis, later=last >= row[0])
    for row in extra:
        yield _held(Kind.EXTRA, code, None, row)
    if not rows and not expected:
        yield Difference(Kind.EXTRA, Side.PORTAL, code, None)  # a dossier without any progress


def _counterpart(row: Row, extra: list[Row]) -> Row | None:
    """The portal's row that stands where this one should: of the same second, else of the same status."""
    for place in (0, 1):
        for other in extra:
            if other[place] == row[place]:
                return other
    return None


def _missing(code: str, version: int, status: int, axis: AxisDossier | None, *, later: bool) -> Difference:
    """`later`: the portal holds a later row, so it would ignore this one."""
    known = axis is not None and version in axis.steps
    discarded = axis is not None and version in axis.discarded
    parked = axis is not None and axis.parked
    detail: dict[str, Any] = {"status": status}
    if discarded:
        detail["discarded"] = True
    if parked:
        detail["parked"] = True
    repairable = known and not (later or discarded or parked)
    return Difference(Kind.MISSING, Side.PORTAL, code, version, repairable=repairable, detail=detail)


def _portal_status(code: str, axis: AxisDossier | None, portal: PortalDossier) -> Iterable[Difference]:
    if axis is None or portal.status is None:
        return
    kept = [version for version in axis.steps if version not in axis.discarded]
    if not kept:
        return
    newest = max(kept)
    expected = axis.steps[newest][1]
    if portal.status != expected:
        detail = {"province": expected, "portal": portal.status, "field": "TrangThaiHoSo"}
        yield Difference(Kind.DIFFERENT, Side.PORTAL, code, newest, repairable=not axis.parked, detail=detail)


def _held(kind: Kind, code: str, version: int | None, row: Row) -> Difference:
    return Difference(kind, Side.PORTAL, code, version, wire_time(row[0]), detail={"TrangThai": row[1]})


def _shown(row: Row) -> dict[str, Any]:
    return {"ThoiDiemXuLy": wire_time(row[0]), "TrangThai": row[1]}
