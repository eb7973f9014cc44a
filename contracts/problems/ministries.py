"""Refusals of the stand-in ministries."""

from __future__ import annotations

from contracts.problems.base import ProblemType
from contracts.problems.text import Text

SYSTEM_OFF = ProblemType(
    "system-off",
    409,
    Text("Hệ thống giả lập đã tắt", "The stand-in is switched off"),
    Text(
        "Hệ thống {system} không do bản giả lập này trả lời; thành viên thật của trục đảm nhận.",
        "The system {system} is not played here; a real member of the axis answers for it.",
    ),
)
SYSTEM_AWAY = ProblemType(
    "system-away",
    503,
    Text("Hệ thống đang gặp sự cố", "The system has an outage"),
    Text(
        "Hệ thống {system} đang gặp sự cố. Yêu cầu chưa được thực hiện; hãy gửi lại sau {retry_after} giây.",
        "The system {system} is away. Nothing was done; send the request again in {retry_after} s.",
    ),
)
PAYMENT_MADE = ProblemType(
    "payment-made",
    409,
    Text("Đã chi trả", "Paid already"),
    Text(
        "Dòng {entry} của danh sách {list} đã được chi trả.",
        "The entry {entry} of the list {list} has been paid already.",
    ),
)
