"""What every page says."""

from contracts.problems import Text

BRAND = Text("Trục", "Trục")
CONSOLE = Text("Bảng điều khiển", "Console")
SKIP = Text("Bỏ qua, đến nội dung", "Skip to the content")
OTHER_LANGUAGE = Text("English", "Tiếng Việt")
MENU = Text("Các trang", "Pages")
OVERVIEW = Text("Tổng quan", "Overview")
DOSSIERS = Text("Hồ sơ", "Dossier")
STUCK = Text("Kẹt và chết", "Stuck and dead")
COMPARE = Text("Đối soát", "Reconciliation")
LEVELS = Text("Mức phục vụ", "Service levels")
INDICATORS = Text("Chỉ số", "Indicators")
CLOCK = Text("Thời hạn", "Legal clock")
ACTIONS = Text("Nhật ký", "Actions")
THEME = Text("Đổi nền sáng, tối", "Switch light and dark")
ACCOUNT = Text("Tài khoản", "Account")
SIGN_OUT = Text("Đăng xuất", "Sign out")
LIVE = Text("Trực tiếp, đổi lúc {at}", "Live, changed at {at}")
NEXT = Text("Trang sau", "Next page")
FIRST = Text("Về trang đầu", "First page")
APPLY = Text("Xem", "Show")
ALL = Text("Tất cả", "All")
NEVER = Text("chưa bao giờ", "never")
NOTHING = Text("Không có gì ở đây.", "There is nothing here.")
COPY = Text("Chép lệnh curl", "Copy as curl")
LOOK = Text("Xem", "Look")
COPIED = Text("Đã chép", "Copied")
REASON = Text("Lý do (được ghi vào nhật ký)", "Reason (kept with the action)")
REFUSED = Text("Không làm được: {why}", "Not done: {why}")
NO_ANSWER = Text("Không đọc được: {why}", "Cannot be read: {why}")
NOT_FOUND = Text("Không tìm thấy", "Not found")
NO_LEDGER = Text("Sổ độ trễ đang tắt.", "The latency ledger is off.")
ROLES = {
    "viewer": Text("Người xem", "Viewer"),
    "operator": Text("Người vận hành", "Operator"),
    "administrator": Text("Quản trị viên", "Administrator"),
}
