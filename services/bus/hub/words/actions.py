"""What operators did."""

from contracts.problems import Text

TITLE = Text("Nhật ký thao tác", "Actions")
LEAD = Text(
    "Ai đã làm gì, với cái gì, vì sao, và kết quả. Giữ năm năm.",
    "Who did what to what, why, and how it ended. Kept for five years.",
)
WHO = Text("Ai", "Who")
WHAT = Text("Làm gì", "What")
TARGET = Text("Với", "To")
REASON = Text("Lý do", "Reason")
WHEN = Text("Lúc", "When")
OUTCOME = Text("Kết quả", "Outcome")
KINDS = {
    "letter.retry": Text("Gửi lại thư chết", "Retry a dead letter"),
    "letter.correct": Text("Sửa và gửi lại thư chết", "Edit and retry a dead letter"),
    "letters.retry": Text("Gửi lại nhiều thư chết", "Retry dead letters"),
    "letter.discard": Text("Bỏ thư chết", "Discard a dead letter"),
    "lane.resync": Text("Gửi lại cả hồ sơ", "Send a dossier again"),
    "held.retry": Text("Áp dụng lại sự kiện", "Retry held events"),
    "held.correct": Text("Sửa và áp dụng lại sự kiện", "Edit and retry a held event"),
    "held.discard": Text("Bỏ sự kiện", "Discard a held event"),
    "reconciliation.compare": Text("Đối soát từng dòng", "Compare row by row"),
    "reconciliation.repair": Text("Sửa khác biệt", "Repair differences"),
    "differences.compare": Text("So toàn bộ ngay", "Compare everything now"),
    "difference.repair": Text("Sửa một hồ sơ khác biệt", "Repair a dossier that differs"),
    "differences.repair": Text("Sửa mọi hồ sơ khác biệt", "Repair all dossiers that differ"),
}
OUTCOMES = {
    "started": Text("chưa rõ", "not known"),
    "done": Text("xong", "done"),
    "refused": Text("bị từ chối", "refused"),
    "failed": Text("hỏng", "failed"),
}
FILTER = Text("Lọc", "Filter")
