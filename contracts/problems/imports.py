"""Refusals of bulk imports."""

from __future__ import annotations

from contracts.problems.base import ProblemType
from contracts.problems.text import Text

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
IMPORT_OFFSET = ProblemType(
    "import-offset",
    409,
    Text("Vị trí nhập không khớp", "The import goes on elsewhere"),
    Text(
        "Import-Offset là {given} nhưng đã nhận đến byte {offset}. Hãy gửi tiếp từ đó.",
        "Import-Offset is {given} but the import stands at byte {offset}. Go on from there.",
    ),
)
