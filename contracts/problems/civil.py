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
BAD_IMPORT_HEADER = ProblemType(
    "bad-import-header",
    422,
    Text("Dòng tiêu đề của tệp không hợp lệ", "The header line of the file is not valid"),
    Text(
        "Dòng đầu phải là tên các cột, bảng mã UTF-8. Cột lạ: {unknown}. Cột thiếu: {missing}.",
        "The first line names the columns, in UTF-8. Unknown: {unknown}. Missing: {missing}.",
    ),
)
IMPORT_COMPLETE = ProblemType(
    "import-complete",
    409,
    Text("Đợt nhập đã kết thúc", "The import is complete"),
    Text(
        "Đợt nhập {id} đã nhận đủ tệp. Hãy mở đợt mới cho các dòng cần nhập lại.",
        "Import {id} has taken its whole file. Begin a new one for rows to send again.",
    ),
)
