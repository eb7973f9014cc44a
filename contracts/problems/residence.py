"""Refusals about where people live (cư trú)."""

from __future__ import annotations

from contracts.problems.base import ProblemType
from contracts.problems.text import Text

CITIZEN_DECEASED = ProblemType(
    "citizen-deceased",
    409,
    Text("Công dân đã chết", "The citizen is dead"),
    Text(
        "Công dân {id} đã được đăng ký khai tử; không thể thực hiện yêu cầu này.",
        "The death of citizen {id} is registered; the request is not possible.",
    ),
)
OVERLAPPING_PERIOD = ProblemType(
    "overlapping-period",
    409,
    Text("Khoảng thời gian bị chồng lấn", "The period overlaps another"),
    Text(
        "Đã có khoảng thời gian {since} – {until} ({where}) cùng loại.",
        "The period {since} – {until} ({where}) of the same kind is in the way.",
    ),
)
