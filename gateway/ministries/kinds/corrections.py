"""A result as it reads after a ministry corrects itself: one believable detail of it is another."""

from __future__ import annotations

from typing import Any, Final

from gateway.ministries.draws import data

_RAISED: Final = {
    "insurance.survivor-benefit": "amount_vnd",
    "welfare.funeral-allowance": "amount_vnd",
    "welfare.monthly-allowance": "monthly_vnd",
    "health.certify-birth": "weight_grams",
}
_NUMBERED: Final = {"judicial.issue-certificate": "number", "business.look-up-tax-code": "address"}


def corrected(kind: str, results: dict[str, Any]) -> dict[str, Any]:
    """The results with the detail changed that this kind of result tends to get wrong."""
    changed = dict(results)
    if kind == "insurance.issue-card":
        facilities = data("insurance")["facilities"]
        place = next((n for n, each in enumerate(facilities) if each == results.get("facility")), 0)
        changed["facility"] = dict(facilities[(place + 1) % len(facilities)])
    elif kind == "tax.assess":
        changed["reason"] = f"Đính chính: {results.get('reason') or 'thông báo thuế được xác định lại'}"
    elif kind in _RAISED:
        changed[_RAISED[kind]] = int(results.get(_RAISED[kind], 0)) * 21 // 20
    elif kind in _NUMBERED:
        changed[_NUMBERED[kind]] = f"{results.get(_NUMBERED[kind], '')} (đính chính)"
    return changed
