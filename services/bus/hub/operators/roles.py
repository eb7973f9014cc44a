"""What an operator may do. A role holds everything the one below it holds.

viewer          looks
operator        retries, discards, sends again, compares, repairs
administrator   manages accounts
"""

from __future__ import annotations

from typing import Final, Literal

from contracts import scopes

Role = Literal["viewer", "operator", "administrator"]

ROLES: Final[tuple[Role, ...]] = ("viewer", "operator", "administrator")
_LOOKS: Final = frozenset({scopes.AXIS_READ, scopes.AXIS_OBSERVE, scopes.SYNC_READ, scopes.DOSSIER_READ})
_ACTS: Final = _LOOKS | {scopes.AXIS_OPERATE, scopes.SYNC_REPAIR}
SCOPES: Final[dict[Role, frozenset[str]]] = {"viewer": _LOOKS, "operator": _ACTS, "administrator": _ACTS}
"""With which scopes the console calls other processes in the name of somebody."""


def holds(role: Role, needed: Role) -> bool:
    """Whether this role may do what `needed` may."""
    return ROLES.index(role) >= ROLES.index(needed)
