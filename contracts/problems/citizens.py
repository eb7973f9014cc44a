"""Refusals on the citizen's side of the portal. Its wire format knows none of them."""

from __future__ import annotations

from contracts.problems.base import ProblemType
from contracts.problems.text import Text

TOO_MANY_REQUESTS = ProblemType(
    "too-many-requests",
    429,
    Text("Quá nhiều yêu cầu", "Too many requests"),
    Text(
        "Địa chỉ của bạn gửi quá nhiều yêu cầu. Hãy thử lại sau {retry_after} giây.",
        "There are too many requests from your address. Try again in {retry_after} s.",
    ),
)
PROOF_WRONG = ProblemType(
    "proof-wrong",
    403,
    Text("Thông tin xác minh không đúng", "The proof is not right"),
    Text(
        "Số định danh cá nhân hoặc số điện thoại không khớp với hồ sơ.",
        "The personal id or phone number does not match the dossier.",
    ),
)
PROOF_NEEDED = ProblemType(
    "proof-needed",
    403,
    Text("Cần xác minh người nộp", "Proof of who you are is needed"),
    Text(
        "Hãy kèm số định danh cá nhân hoặc số điện thoại đã khai khi nộp hồ sơ (header {header}).",
        "Send the personal id or phone number given with the dossier (header {header}).",
    ),
)
REQUEST_NOT_POSSIBLE = ProblemType(
    "request-not-possible",
    409,
    Text("Chưa thể thực hiện yêu cầu này", "The request is not possible now"),
    Text("{reason_vi}", "{reason_en}"),
)
