"""Refusals of the land registry (đất đai)."""

from __future__ import annotations

from contracts.problems.base import ProblemType
from contracts.problems.text import Text

LAND_RULES_BROKEN = ProblemType(
    "land-rules-broken",
    422,
    Text("Chưa đủ điều kiện thực hiện biến động", "The change is not allowed"),
    Text(
        "Thửa {parcel}: {count} điều kiện không đạt; xem mục errors.",
        "Parcel {parcel}: {count} rule(s) broken; see errors.",
    ),
)
CHANGE_PENDING = ProblemType(
    "change-pending",
    409,
    Text("Thửa đất đang có biến động chờ", "Another change of the parcel is pending"),
    Text(
        "Thửa {parcel} đang chờ biến động {change} ({kind}) từ {since}; hãy xác nhận hoặc hủy biến động đó trước.",
        "Parcel {parcel} waits for the change {change} ({kind}) since {since}; confirm it or give it up first.",
    ),
)
CHANGE_CLOSED = ProblemType(
    "change-closed",
    409,
    Text("Biến động đã đóng", "The change is closed"),
    Text("Biến động {change} ở trạng thái {state}.", "The change {change} is {state}."),
)
NOT_THE_HOLDER = ProblemType(
    "not-the-holder",
    403,
    Text("Người nộp không có quyền với thửa đất", "The applicant has no right in the parcel"),
    Text(
        "Người nộp hồ sơ không phải bên chuyển, bên nhận hay bên có quyền ở thửa {parcel}.",
        "The applicant neither gives, receives nor holds a right in parcel {parcel}.",
    ),
)
CERTIFICATE_DIFFERS = ProblemType(
    "certificate-differs",
    422,
    Text("Giấy chứng nhận không khớp", "The certificate is not the live one"),
    Text(
        "Giấy chứng nhận {serial} không phải Giấy chứng nhận còn hiệu lực của thửa {parcel}.",
        "The certificate {serial} is not the live one of parcel {parcel}.",
    ),
)
