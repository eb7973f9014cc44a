"""Refusals of the civil registry (hộ tịch)."""

from __future__ import annotations

from contracts.problems.base import ProblemType
from contracts.problems.text import Text

CIVIL_RULES_BROKEN = ProblemType(
    "civil-rules-broken",
    422,
    Text("Không đủ điều kiện đăng ký hộ tịch", "The civil registry's rules stand in the way"),
    Text(
        "Có {count} quy định không được đáp ứng; xem mục errors để biết từng quy định.",
        "{count} rule(s) are not met; see errors for each of them.",
    ),
)
