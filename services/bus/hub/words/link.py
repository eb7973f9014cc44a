"""One link."""

from contracts.problems import Text

TITLE = Text("Liên kết", "Link")
BACK = Text("Tất cả liên kết", "All links")
WINDOW = Text("Khoảng thời gian", "Window")
WINDOWS = {
    "5m": Text("5 phút", "5 min"),
    "1h": Text("1 giờ", "1 hour"),
    "24h": Text("24 giờ", "24 hours"),
    "7d": Text("7 ngày", "7 days"),
}
OLDEST = Text("Chờ lâu nhất", "Oldest waiting")
NOTHING_WAITS = Text("không có gì chờ", "nothing waits")
SINCE = Text("từ {at}", "since {at}")
BACKLOG = Text("Tồn của bên nhận", "Backlog of the consumer")
HELD = Text("Đang giữ lại", "Held back")
HELD_UNDER = Text("chờ một sự kiện trước nó", "waiting for an earlier event")
DEAD = Text("Thư chết", "Dead letters")
RETRIES = Text("Lần thử hỏng", "Failed attempts")
DUPLICATES = Text("Nhận trùng, bỏ qua", "Duplicates, ignored")
BREAKER = Text("Ngắt mạch", "Circuit breaker")
HEAT = Text("Độ trễ theo thời gian", "Latency over time")
HEAT_SAYS = Text(
    "Bản đồ nhiệt: mỗi cột là một khoảng thời gian, mỗi hàng là một khoảng độ trễ, đậm hơn là nhiều sự kiện hơn. "
    "Bảng dưới có cùng số liệu.",
    "Heat map: a column is a span of time, a row a range of latency, darker means more events. "
    "The table below has the same figures.",
)
AS_TABLE = Text("Xem bằng bảng", "As a table")
AT = Text("Lúc", "At")
EVENTS = Text("Sự kiện", "Events")
NO_MOMENTS = Text("Không có sự kiện nào trong khoảng này.", "No event in this window.")
HOPS = Text("Thời gian đi đâu", "Where the time goes")
HOP = Text("Chặng", "Hop")
SHARE = Text("Phần", "Share")
MEAN = Text("Trung bình", "Mean")
LONGEST = Text("Lâu nhất", "Longest")
SKEW = Text(
    "{n} sự kiện không tính được vì đồng hồ lệch hoặc thiếu giờ.",
    "{n} events have no time: clocks disagree, or one is missing.",
)
HEARD_BY = Text("Ai nghe sự kiện này", "Who hears this event")
CONSUMER = Text("Bên nhận", "Consumer")
CHANGES = Text("Điều gì đổi lúc nào", "What changed when")
NO_CHANGES = Text("Không có gì đáng kể trong khoảng này.", "Nothing worth saying in this window.")
SLOWER = Text("p95 tăng từ {before} lên {now}", "p95 rose from {before} to {now}")
FASTER = Text("p95 trở lại {now} sau {lasted}", "p95 is back to {now} after {lasted}")
FAILING = Text("bắt đầu có lần thử hỏng ({n})", "attempts began to fail ({n})")
HEALED = Text("hết lần thử hỏng sau {lasted}", "no attempt fails any more, after {lasted}")
DIED = Text("{n} sự kiện thành thư chết", "{n} events became dead letters")
BY_AGENCY = Text("Theo cơ quan", "By agency")
BY_PROCEDURE = Text("Theo thủ tục", "By procedure")
CODE = Text("Mã", "Code")
