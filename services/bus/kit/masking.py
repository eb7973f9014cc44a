"""What an operator may see of a payload: its shape, codes, states and times; whatever may be personal only by
its length."""

from __future__ import annotations

import re
from typing import Any, Final

OPEN: Final = frozenset(
    {
        "action", "agency", "agency_code", "channel", "code", "commune_code", "consumer", "dossier",
        "dossier_code", "effect", "error_code", "event", "key", "kind", "outcome", "procedure_code", "procedure",
        "purpose", "receiving_agency", "role", "run", "source", "specversion", "state", "status", "step",
        "step_id", "subject", "system", "task", "task_id", "type", "unit", "verb", "version",
    }
)  # fmt: skip
"""Fields whose text is never personal."""
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")


def masked(payload: Any, name: str | None = None) -> Any:
    """The payload with every text that may be personal replaced by its length."""
    if isinstance(payload, dict):
        return {key: masked(value, key) for key, value in payload.items()}
    if isinstance(payload, list):
        return [masked(each, name) for each in payload]
    if not isinstance(payload, str) or name in OPEN or _MOMENT.fullmatch(payload):
        return payload
    return f"*** ({len(payload)})"


def merged(target: Any, patch: Any) -> Any:
    """A JSON merge patch applied (RFC 7396): what the patch does not name stays, null removes."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result
