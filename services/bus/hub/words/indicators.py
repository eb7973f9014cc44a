"""The province's indicators."""

from contracts.problems import Text

TITLE = Text("Chỉ số của tỉnh", "The province's indicators")
LEAD = Text(
    "Tính từ sự kiện, không ai phải đếm tay. Từ {first} đến hết {last}: {dossiers} hồ sơ đã tiếp nhận.",
    "Counted from events, by nobody's hand. {first} to {last}: {dossiers} dossiers received.",
)
PARTS = Text("Phần", "Parts")
VALUES = Text("Chỉ số QĐ 766", "Indicators (Decision 766)")
TABLE = Text("Bảng theo đơn vị, kỳ", "Tables by unit and period")
CHECKS = Text("Xác thực định danh", "Identity checks")
WITHOUT = Text("Xã không có hồ sơ trực tuyến", "Communes without online dossiers")
FROM = Text("Từ ngày", "From")
TO = Text("Đến hết ngày", "To, inclusive")
UNIT = Text("Cơ quan (mã)", "Agency (code)")
PROCEDURE = Text("Thủ tục (mã)", "Procedure (code)")
ROWS_BY = Text("Mỗi dòng là", "A row for each")
ROWS = {
    "unit": Text("cơ quan", "unit"),
    "district": Text("huyện, sở", "district or department"),
    "procedure": Text("thủ tục", "procedure"),
    "field": Text("lĩnh vực", "field"),
    "channel": Text("kênh nộp", "channel"),
}
BY_PERIOD = Text("Chia theo", "Divided by")
GRAINS = {
    "total": Text("cả kỳ", "the whole period"),
    "month": Text("tháng", "month"),
    "quarter": Text("quý", "quarter"),
    "year": Text("năm", "year"),
}
INDICATOR = Text("Chỉ số", "Indicator")
NUMERATOR = Text("Tử số", "Numerator")
DENOMINATOR = Text("Mẫu số", "Denominator")
PERCENT = Text("Tỷ lệ", "Ratio")
POINTS = Text("Điểm", "Points")
SOURCE = Text("Nguồn", "Source")
POINTS_OF = Text(
    "{points} trên {max} điểm; {known} điểm tính được", "{points} of {max} points; {known} can be known"
)
NO_POINTS = Text("không chấm điểm", "not scored")
MARKS = {
    "verified": Text("đã đối chiếu nguồn", "verified"),
    "derived": Text("suy ra từ nguồn", "derived"),
    "recalled": Text("chưa đối chiếu nguồn", "recalled"),
}
UNKNOWN = Text("không biết", "not known")
NAME = Text("Tên", "Name")
CODE = Text("Mã", "Code")
PERIOD = Text("Kỳ", "Period")
TOTAL = Text("Tổng", "Total")
FIRST_ROWS = Text("{n} dòng đầu trên {all}; tải về để có đủ.", "The first {n} of {all} rows; download for all.")
CSV = Text("Tải CSV", "Download CSV")
XLSX = Text("Tải Excel", "Download Excel")
BOTH = Text(
    "Hai cách đếm để cạnh nhau, không ép cho bằng: lượt xác thực và hồ sơ phân biệt.",
    "Two counts side by side, never made equal: checks, and distinct dossiers.",
)
EVENTS = Text("Lượt", "Checks")
DOSSIERS = Text("Hồ sơ", "Dossiers")
MATCHED = Text("Khớp", "Matched")
RECORDED = Text("Một cửa ghi là đã xác thực", "Recorded as verified by the one-stop shop")
BY_KIND = Text("Theo loại giấy tờ", "By kind")
BY_CHANNEL = Text("Theo kênh", "By channel")
BY_OUTCOME = Text("Theo kết quả", "By outcome")
VALUE = Text("Giá trị", "Value")
COMMUNES = Text(
    "{without} trên {communes} xã không có hồ sơ trực tuyến nào",
    "{without} of {communes} communes without any online dossier",
)
COMMUNE = Text("Xã, phường", "Commune")
RECEIVED = Text("Hồ sơ đã nhận", "Dossiers received")
BEHIND = Text("Hồ sơ đằng sau: {name}, {side}", "Dossiers behind: {name}, {side}")
SIDES = {"numerator": Text("tử số", "numerator"), "denominator": Text("mẫu số", "denominator")}
STATUS = Text("Trạng thái", "Status")
RECEIVED_AT = Text("Tiếp nhận", "Received")
DUE_AT = Text("Hẹn trả", "Due")
ENDED_AT = Text("Kết thúc", "Ended")
BACK = Text("Về chỉ số", "Back to the indicators")
CHECKED = {
    "identity_check": Text("xác thực định danh", "identity check"),
    "household_confirmation": Text("xác nhận hộ gia đình", "household confirmation"),
    "id_card_check": Text("kiểm tra thẻ căn cước", "id card check"),
    "": Text("không rõ kênh", "no channel"),
    "direct": Text("trực tiếp", "at the counter"),
    "online": Text("trực tuyến", "online"),
    "post": Text("bưu chính công ích", "by post"),
    "matched": Text("khớp", "matched"),
    "mismatched": Text("không khớp", "mismatched"),
    "not_found": Text("không tìm thấy", "not found"),
}
