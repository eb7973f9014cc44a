"""The legal clock."""

from contracts.problems import Text

TITLE = Text("Thời hạn giải quyết", "Legal clock")
LEAD = Text(
    "Thời hạn của người dân, không phải độ trễ đồng bộ.",
    "The citizen's time, apart from how late the portal is told.",
)
OVERDUE = Text("Quá hạn", "Overdue")
DUE_TODAY = Text("Đến hạn hôm nay", "Due today")
SUSPENDED = Text("Đang dừng tính", "Suspended")
RUNNING = Text("Còn hạn", "Not due yet")
STATES = {"overdue": OVERDUE, "due_today": DUE_TODAY, "suspended": SUSPENDED, "running": RUNNING}
OLDEST = Text("lâu nhất hẹn {at}", "the oldest was due {at}")
NONE_OVERDUE = Text("Không hồ sơ nào quá hạn", "No dossier is overdue")
SOME_OVERDUE = Text("{n} hồ sơ quá hạn", "{n} dossiers are overdue")
TODAY = Text("{n} đến hạn hôm nay", "{n} are due today")
BY = Text("Gộp theo", "Grouped by")
GROUPS = {
    "office": Text("cơ quan", "office"),
    "procedure": Text("thủ tục", "procedure"),
    "both": Text("cả hai", "both"),
}
BY_OFFICE = Text("Theo cơ quan và thủ tục", "By office and procedure")
OFFICE = Text("Cơ quan", "Office")
PROCEDURE = Text("Thủ tục", "Procedure")
DOSSIERS = Text("Hồ sơ: {state}", "Dossiers: {state}")
DUE = Text("Hẹn trả", "Due")
RECEIVED = Text("Tiếp nhận", "Received")
WHY = Text("Vì sao là ngày đó", "Why that day")
MOVED = Text("đã lùi vì thời gian dừng", "moved by the time it was suspended")
PAUSED = Text("dừng từ {at}", "suspended since {at}")
EVERY_DAY = Text("mọi ngày làm việc đều được tính", "every working day counted")
FIRST_LINES = Text("{n} dòng đầu trên {all}", "The first {n} of {all} lines")
