"""Every scope a member can hold, once. A route names the scope it needs; the hub refuses to grant others."""

from __future__ import annotations

from typing import Final

POPULATION_READ: Final = "population:read"
POPULATION_WRITE: Final = "population:write"
POPULATION_CHECK: Final = "population:check"
POPULATION_AUDIT: Final = "population:audit"
DOSSIER_READ: Final = "dossier:read"
DOSSIER_WRITE: Final = "dossier:write"
DOSSIER_ACT: Final = "dossier:act"
SYNC_READ: Final = "sync:read"
SYNC_REPAIR: Final = "sync:repair"
PORTAL_READ: Final = "portal:read"
PORTAL_FAULTS: Final = "portal:faults"
HUB_MEMBERS: Final = "hub:members"
AXIS_READ: Final = "axis:read"
AXIS_OPERATE: Final = "axis:operate"

DESCRIPTIONS: dict[str, str] = {
    POPULATION_READ: "Look up a citizen or a household, with a purpose",
    POPULATION_WRITE: "Register citizens and households, and change them",
    POPULATION_CHECK: "Check identities: match or no match, nothing else",
    POPULATION_AUDIT: "Search the log of lookups",
    DOSSIER_READ: "Read dossiers, their timelines and attachments",
    DOSSIER_WRITE: "Take in dossiers and their attachments",
    DOSSIER_ACT: "Move a dossier from one status to the next",
    SYNC_READ: "Read lanes, dead letters and reconciliation reports",
    SYNC_REPAIR: "Retry dead letters, resync dossiers",
    PORTAL_READ: "Read all that the stand-in portal holds, for reconciliation and proof",
    PORTAL_FAULTS: "Set the faults of the stand-in portal",
    AXIS_READ: "Read what a service holds back: gaps, parked keys, dead letters",
    AXIS_OPERATE: "Retry and discard dead letters",
    HUB_MEMBERS: "Manage members, their secrets and their scopes",
}
ALL: frozenset[str] = frozenset(DESCRIPTIONS)
