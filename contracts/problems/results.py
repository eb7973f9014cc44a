"""Refusals of electronic results: issuing, correcting, reusing them."""

from __future__ import annotations

from contracts.problems.base import ProblemType
from contracts.problems.text import Text

RESULT_INCOMPLETE = ProblemType(
    "result-incomplete",
    422,
    Text("Kết quả thiếu nội dung", "The result is not complete"),
    Text(
        "Kết quả loại {kind} chưa có {missing}; xem mục errors.",
        "A result of kind {kind} lacks {missing}; see errors.",
    ),
)
RESULT_UNSIGNABLE = ProblemType(
    "result-unsignable",
    422,
    Text("Nội dung kết quả không ký được", "The content of the result cannot be signed"),
    Text("{reason_vi}", "{reason_en}"),
)
RESULT_CLOSED = ProblemType(
    "result-closed",
    409,
    Text("Kết quả không còn hiệu lực", "The result does not hold any more"),
    Text(
        "Kết quả {id} đã bị thu hồi hoặc thay thế, không thay đổi được nữa.",
        "Result {id} was revoked or replaced and cannot be changed any more.",
    ),
)
RESULT_NOT_REUSABLE = ProblemType(
    "result-not-reusable",
    409,
    Text("Không dùng lại được kết quả này", "The result cannot be used here"),
    Text("{reason_vi}", "{reason_en}"),
)
