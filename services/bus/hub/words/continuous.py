"""What the comparison that never ends knows: whether anything is lost, what differs, and why."""

from contracts.problems import Text

ALL_SAME = Text(
    "Không mất gì: {sides}, {n} hồ sơ, so lúc {at}", "Nothing is lost: {sides}, {n} dossiers, compared at {at}"
)
UNDER_WAY = Text(
    "Không mất gì: {held} hồ sơ, phần chênh đang trên đường, so lúc {at}",
    "Nothing is lost: dossiers {held}, the rest is on its way, compared at {at}",
)
PUT_RIGHT = Text(
    "Không còn gì khác nhau: điểm thấy lúc {at} đã hết, chờ lần so tới xác nhận",
    "Nothing differs any more: what was found at {at} is gone, the next comparison will confirm it",
)
SAME_SIDES = {
    "province": Text("tỉnh", "province"),
    "axis": Text("trục", "axis"),
    "portal": Text("Cổng", "portal"),
}
PORTAL_LACKS = Text("Cổng thiếu hoặc khác {n} hồ sơ", "The portal lacks or has otherwise {n} dossiers")
AXIS_LACKS = Text("Trục thiếu hoặc khác {n} hồ sơ", "The axis lacks or has otherwise {n} dossiers")
NOT_COMPARED = Text("Chưa so xong lần nào", "No comparison is finished yet")
COMPARED_AT = Text("So toàn bộ lần cuối {at}, mất {took}.", "Everything was last compared at {at}, in {took}.")
BY_MEMORY = Text(
    "Cổng không cho hỏi: phần của Cổng so theo những gì trục nhớ là Cổng đã nhận.",
    "The portal cannot be asked: its side is what the axis remembers the portal to have acknowledged.",
)
HALTED = Text("Lần so đang chạy bị vướng: {why}.", "The comparison under way does not go on: {why}.")
NEVER_COMPARED = Text(
    "Trục tự so tỉnh, trục và Cổng liên tục; kết quả hiện ở đây khi so xong lần đầu.",
    "The axis compares province, axis and portal all the time; the result shows here after the first time.",
)
COMPARE = Text("So ngay", "Compare now")
BEGUN = Text(
    "Đang so toàn bộ, không nghỉ. Trang tự cập nhật.", "Comparing everything at once. The page changes by itself."
)
SIDES_TITLE = Text(
    "Ba bên đang giữ, theo lần so toàn bộ cuối", "What each side holds, by the last whole comparison"
)
ROWS = Text("Dòng tiến độ", "Rows of progress")
OPEN = Text("Đang khác nhau", "What differs now")
NONE_OPEN = Text("Không có điểm nào khác nhau.", "Nothing differs.")
CAUSE = Text("Vì sao", "Why")
SINCE = Text("Thấy lúc", "Found")
REPAIR = Text("Sửa", "Repair")
REPAIR_ONE = Text("Sửa hồ sơ {code}", "Repair dossier {code}")
NOT_BY_SENDING = Text("gửi lại không sửa được", "sending again does not help")
ORDERED = Text("Đang sửa hồ sơ {code}.", "Dossier {code} is being put right.")
REPAIR_ALL = Text("Sửa tất cả", "Repair all")
ORDERED_ALL = Text("Đang sửa {n} hồ sơ.", "{n} dossiers are being put right.")
ORDERED_SOME = Text(
    "Đang sửa {n} hồ sơ. Còn {left} hồ sơ, xin bấm lần nữa sau khi xong.",
    "{n} dossiers are being put right. {left} more are left: press again after these.",
)
NONE_REPAIRABLE = Text(
    "Không điểm nào sửa được bằng cách gửi lại; xem cột “Vì sao”.",
    "Nothing of this is put right by sending again; see the column “Why”.",
)
GONE = Text("Đang sửa và vừa sửa xong", "Being repaired, and repaired of late")
STATE = Text("Trạng thái", "State")
STATES = {
    "open": Text("còn khác", "open"),
    "repairing": Text("đang sửa", "being repaired"),
    "repaired": Text("đã sửa {at}", "repaired {at}"),
    "gone": Text("tự hết", "gone by itself"),
}
WHO = Text("Ai cho sửa", "Ordered by")
WHEN = Text("Lúc", "At")
CAUSES = {
    "not-arrived": Text("Trục chưa nhận được từ một cửa", "The axis has not received it from the one-stop shop"),
    "held": Text("Trục đang giữ lại, chờ sự kiện đứng trước", "The axis holds it back for the event before it"),
    "dead-letter": Text("Nằm ở thư chết, chờ người quyết định", "A dead letter that waits for a decision"),
    "given-up": Text("Đã có người quyết định không gửi nữa", "Somebody decided not to send it"),
    "not-acknowledged": Text("Cổng chưa báo là đã nhận", "The portal has not acknowledged it"),
    "removed-at-province": Text("Đã có ở tỉnh rồi bị mất ở tỉnh", "The province had it and has lost it"),
    "removed-from-axis": Text("Trục đã nhận rồi lại mất", "The axis had it and has lost it"),
    "removed-at-portal": Text("Cổng đã nhận rồi lại mất", "The portal had it and has lost it"),
    "changed": Text("Bị đổi sau khi gửi", "It was changed after it was sent"),
}
BY_ROWS = Text("So từng dòng", "Row by row")
BY_ROWS_LEAD = Text(
    "So mọi dòng của ba bên một lượt, khi cần. Việc so liên tục ở trên không chờ bước này.",
    "Compares every row of the three sides in one go, if need be. What is above does not wait for this.",
)
