"""One dossier."""

from contracts.problems import Text

TITLE = Text("Hồ sơ", "Dossier")
CODE = Text("Mã hồ sơ", "Dossier code")
FIND = Text("Tìm", "Find")
HINT = Text("Ví dụ H08.31.22-230115-0001", "For example H08.31.22-230115-0001")
UNKNOWN = Text(
    "Không có hồ sơ {code}. Hãy xem lại mã, ví dụ H08.31.22-230115-0001.",
    "There is no dossier {code}. Look at the code again, for example H08.31.22-230115-0001.",
)
LATE_ONES = Text("Đang chờ Cổng lâu nhất", "Waiting longest for the portal")
NOBODY_WAITS = Text("Không hồ sơ nào đang chờ Cổng.", "No dossier waits for the portal.")
WAITING_SINCE = Text("Chờ từ", "Waiting since")
ALL_THERE = Text("Cổng có đủ {n} trạng thái", "The portal holds all {n} statuses")
WAITS = Text(
    "Cổng chưa có trạng thái thứ {version}, chờ từ {at}", "The portal lacks status {version}, waiting since {at}"
)
PARKED = Text("Đang dừng sau một thư chết: {why}", "Parked behind a dead letter: {why}")
NOT_HEARD = Text("Đồng bộ chưa nghe về hồ sơ này", "Sync has not heard of this dossier yet")
SLOWEST = Text("Lâu nhất là trạng thái thứ {version}: {why}", "The slowest was status {version}: {why}")
WAY = Text("Đường đi của từng trạng thái", "The way of each status")
STATUS = Text("Trạng thái thứ {version}: {name}", "Status {version}: {name}")
STATES = {
    "acknowledged": Text("Cổng đã nhận", "on the portal"),
    "waiting": Text("đang chờ", "waiting"),
    "discarded": Text("đã bỏ", "given up"),
    "refused": Text("Cổng từ chối", "refused by the portal"),
    "pending": Text("đang chờ", "waiting"),
}
TRIES = Text("{n} lần gửi", "{n} attempts")
ONE_TRY = Text("1 lần gửi", "1 attempt")
COMMITTED = Text("Một cửa ghi", "Committed")
PUBLISHED = Text("Lên trục", "On the axis")
RECEIVED = Text("Đồng bộ nhận", "Received by sync")
SENT = Text("Gửi Cổng lần đầu", "First sent")
ACKNOWLEDGED = Text("Cổng nhận", "Acknowledged")
PORTAL_TIME = Text("ThoiDiemXuLy", "ThoiDiemXuLy")
TIMES = Text("Giờ từng chặng và lệnh gọi", "Times of the hops, and calls")
SYSTEMS = Text("Việc của các hệ thống", "Steps of the systems")
STEP = Text("Bước", "Step")
SYSTEM = Text("Hệ thống", "System")
STATE = Text("Tình trạng", "State")
ASKED = Text("Giao lúc", "Asked at")
ANSWERS = Text("Trả lời", "Answers")
LETTERS = Text("Cổng từ chối", "Refused by the portal")
OTHERS = Text("Các sự kiện khác của hồ sơ trên trục", "Other events of the dossier on the axis")
OUTCOMES = {
    "applied": Text("đã xử lý", "applied"),
    "duplicate": Text("trùng", "duplicate"),
    "held": Text("bị giữ", "held"),
    "dead": Text("thư chết", "dead letter"),
    "discarded": Text("đã bỏ", "discarded"),
}
WHY = Text("Vì sao", "Why")
TOOK = Text("Mất", "Took")
WHEN = Text("Lúc", "When")
VERSION = Text("Bản", "Version")
RESYNC = Text("Gửi lại toàn bộ hồ sơ", "Send the whole dossier again")
RESYNC_SAYS = Text(
    "Gửi lại trạng thái mới nhất và mọi dòng tiến độ. Những gì Cổng đã có thì Cổng bỏ qua.",
    "Sends the newest state and every row of progress again. What the portal has, it ignores.",
)
RESENT = Text("Đã xếp hàng gửi lại.", "Put in line to be sent again.")
CALL_LANE = Text("Hỏi đồng bộ", "Ask sync")
CALL_TIMELINE = Text("Hỏi một cửa", "Ask the one-stop shop")
CALL_LEDGER = Text("Hỏi sổ độ trễ", "Ask the ledger")
NO_RECORDS = Text(
    "Sổ độ trễ giữ bảy ngày; hồ sơ này không có gì trong đó.",
    "The ledger keeps seven days; it has nothing of this dossier.",
)
