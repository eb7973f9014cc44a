"""Refusals of the population data (dân cư)."""

from __future__ import annotations

from contracts.problems.base import ProblemType
from contracts.problems.text import Text

PURPOSE_REQUIRED = ProblemType(
    "purpose-required",
    403,
    Text("Thiếu mục đích tra cứu", "A lookup needs a purpose"),
    Text(
        "Tra cứu dữ liệu cá nhân cần header {header}: mã thủ tục (MaDVC) và mã hồ sơ mà tra cứu phục vụ.",
        "A lookup of personal data needs the header {header}: the procedure and the dossier it serves.",
    ),
)
INCONSISTENT_PERSON = ProblemType(
    "inconsistent-person",
    422,
    Text("Dữ liệu công dân mâu thuẫn", "The citizen's data contradict each other"),
    Text("{reason_vi}", "{reason_en}"),
)
