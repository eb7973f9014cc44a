"""Reconciliation."""

from contracts.problems import Text

TITLE = Text("Đối soát", "Reconciliation")
LEAD = Text(
    "Trục so liên tục những gì tỉnh, trục và Cổng đang giữ. Khác ở đâu thì nêu đến từng hồ sơ, vì sao, và sửa.",
    "The axis compares what province, axis and portal hold, all the time. What differs is named, with its cause.",
)
COMPARE = Text("So từng dòng", "Compare row by row")
BEGUN = Text("Đang so. Trang tự cập nhật khi xong.", "Comparing. The page changes by itself when it is done.")
ALL_SAME = Text(
    "Tỉnh, trục và Cổng giống nhau: {dossiers} hồ sơ, {statuses} trạng thái",
    "Province, axis and portal are the same: {dossiers} dossiers, {statuses} statuses",
)
DIFFER = Text("{n} điểm khác nhau", "{n} differences")
LOST = Text("Cổng thiếu {n} trạng thái", "the portal lacks {n} statuses")
RUNNING = Text("Đang so", "Comparing")
FAILED = Text("Lần so này hỏng: {why}", "This comparison failed: {why}")
NEVER = Text("Chưa so lần nào", "Nobody has compared yet")
AT = Text("Lúc {at}, mất {took}, do {by}.", "At {at}, took {took}, by {by}.")
HELD = Text("Mỗi bên đang giữ", "What each side holds")
SIDE = Text("Bên", "Side")
DOSSIERS = Text("Hồ sơ", "Dossiers")
STATUSES = Text("Trạng thái", "Statuses")
SIDES = {
    "province": Text("Tỉnh (một cửa)", "Province (one-stop shop)"),
    "axis": Text("Trục", "Axis"),
    "portal": Text("Cổng DVCQG", "National portal"),
}
FOUND = Text("Điểm khác nhau", "Differences")
KIND = Text("Loại", "Kind")
KINDS = {
    "missing": Text("thiếu", "missing"),
    "extra": Text("thừa", "extra"),
    "different": Text("khác nội dung", "different"),
    "out_of_order": Text("sai thứ tự", "out of order"),
    "duplicated": Text("lặp", "duplicated"),
}
DOSSIER = Text("Hồ sơ", "Dossier")
VERSION = Text("Bản", "Version")
REPAIR = Text("Sửa", "Repair")
REPAIRED = Text("đã xếp hàng gửi lại {at}", "put in line {at}")
NOT_REPAIRABLE = Text("không tự sửa được", "cannot be repaired here")
REPAIRABLE = Text("sửa được", "can be repaired")
REPAIR_ALL = Text("Sửa mọi điểm sửa được", "Repair all that can be")
ORDERED = Text(
    "Đã xếp hàng gửi lại {n} hồ sơ. So lại để thấy kết quả.", "{n} dossiers are sent again. Compare again to see."
)
HISTORY = Text("Các lần trước", "Earlier comparisons")
BY = Text("Do", "By")
RESULT = Text("Kết quả", "Result")
SAME = Text("giống nhau", "the same")
