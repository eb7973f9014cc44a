"""Every scope a member can hold, once. A route names the scope it needs; the hub refuses to grant others."""

from __future__ import annotations

from typing import Final

from contracts.tasks.systems import System

POPULATION_READ: Final = "population:read"
POPULATION_WRITE: Final = "population:write"
POPULATION_CHECK: Final = "population:check"
POPULATION_AUDIT: Final = "population:audit"
DOSSIER_READ: Final = "dossier:read"
DOSSIER_WRITE: Final = "dossier:write"
DOSSIER_ACT: Final = "dossier:act"
RESULT_MANAGE: Final = "result:manage"
RESULT_AUDIT: Final = "result:audit"
TASK_PREFIX: Final = "task:"
"""A system holds `task:<system>`: it sees and answers its own tasks and no others."""
CIVIL_READ: Final = "civil:read"
CIVIL_WRITE: Final = "civil:write"
CIVIL_IMPORT: Final = "civil:import"
CIVIL_AUDIT: Final = "civil:audit"
LAND_READ: Final = "land:read"
LAND_WRITE: Final = "land:write"
LAND_IMPORT: Final = "land:import"
MINISTRIES_READ: Final = "ministries:read"
MINISTRIES_PERSONAS: Final = "ministries:personas"
MINISTRIES_ANSWER: Final = "ministries:answer"
SYNC_READ: Final = "sync:read"
SYNC_REPAIR: Final = "sync:repair"
PORTAL_READ: Final = "portal:read"
PORTAL_FAULTS: Final = "portal:faults"
HUB_MEMBERS: Final = "hub:members"
HUB_OPERATORS: Final = "hub:operators"
AXIS_READ: Final = "axis:read"
AXIS_OPERATE: Final = "axis:operate"
AXIS_OBSERVE: Final = "axis:observe"

DESCRIPTIONS: dict[str, str] = {
    POPULATION_READ: "Look up a citizen or a household, with a purpose",
    POPULATION_WRITE: "Register citizens and households, and change them",
    POPULATION_CHECK: "Check identities: match or no match, nothing else",
    POPULATION_AUDIT: "Search the log of lookups",
    DOSSIER_READ: "Read dossiers, their timelines and attachments",
    DOSSIER_WRITE: "Take in dossiers and their attachments",
    DOSSIER_ACT: "Move a dossier from one status to the next",
    RESULT_MANAGE: "Revoke and correct electronic results, change the key that signs them",
    RESULT_AUDIT: "Search the log of lookups of electronic results",
    CIVIL_READ: "Look up civil-status records, books and likely duplicates",
    CIVIL_WRITE: "Register civil-status acts, correct records, issue extracts",
    CIVIL_IMPORT: "Take in digitised civil-status books",
    CIVIL_AUDIT: "Search the log of lookups in the civil registry",
    LAND_READ: "Look up parcels, rights, certificates and changes",
    LAND_WRITE: "Register parcels, changes and restrictions",
    LAND_IMPORT: "Take in parcels in bulk",
    MINISTRIES_READ: "Look into the stand-in ministries: tasks in hand, business register, payment lists",
    MINISTRIES_PERSONAS: "Set how the stand-in ministries behave",
    MINISTRIES_ANSWER: "Play a stand-in ministry by hand: answer its tasks, mark payments",
    SYNC_READ: "Read lanes, dead letters and reconciliation reports",
    SYNC_REPAIR: "Retry dead letters, resync dossiers",
    PORTAL_READ: "Read all that the stand-in portal holds, for reconciliation and proof",
    PORTAL_FAULTS: "Set the faults of the stand-in portal",
    AXIS_READ: "Read what a service holds back: gaps, parked keys, dead letters",
    AXIS_OPERATE: "Retry and discard dead letters",
    AXIS_OBSERVE: "Look at how far each link lags, and at the province's figures: indicators, the legal clock",
    HUB_MEMBERS: "Manage members, their secrets and their scopes",
    HUB_OPERATORS: "Manage the accounts of operators, and see what they did",
}
DESCRIPTIONS |= {
    TASK_PREFIX + system.value: f"See and answer the tasks of the system {system.value}" for system in System
}
ALL: frozenset[str] = frozenset(DESCRIPTIONS)
