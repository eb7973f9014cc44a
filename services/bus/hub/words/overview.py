"""The overview."""

from contracts.problems import Text

NOTHING_LOST = Text("Không mất gì", "Nothing is lost")
LOST = Text("Cổng thiếu {n} trạng thái", "The portal lacks {n} statuses")
NOT_COMPARED = Text("Chưa đối soát lần nào", "Nobody has compared yet")
ALL_ON_TIME = Text("Mọi liên kết đều kịp", "every link is on time")
ONE_LATE = Text("1 liên kết chậm: {names}", "1 link is late: {names}")
MANY_LATE = Text("{n} liên kết chậm: {names}", "{n} links are late: {names}")
DEAD = Text("{n} thư chết đang chờ quyết định", "{n} dead letters wait for a decision")
ONE_DEAD = Text("1 thư chết đang chờ quyết định", "1 dead letter waits for a decision")
SILENT = Text("Không nghe được từ {names}, nên chưa thể nói chắc", "No word from {names}, so nobody can be sure")
AND_MORE = Text("và {n} liên kết khác", "and {n} more")
COMPARED_AT = Text("Đối soát lần cuối {at}.", "Last compared {at}.")
NEVER_COMPARED = Text(
    "Bấm “Đối soát” để so tỉnh, trục và Cổng với nhau.",
    "Open “Reconciliation” to compare province, axis and portal.",
)
LOST_TILE = Text("Cổng còn thiếu", "Missing at the portal")
DEAD_TILE = Text("Thư chết", "Dead letters")
LATE_TILE = Text("Liên kết chậm", "Late links")
WAITING_TILE = Text("Đang chờ Cổng", "Waiting for the portal")
BREAKER = Text("Mạch {state}", "Circuit {state}")
LEVELS_TILE = Text("Mức phục vụ giữ được", "Service levels kept")
LINKS = Text("Các liên kết, trong một giờ qua", "Links, over the last hour")
LINK = Text("Liên kết", "Link")
SPREAD = Text("Khoảng p50–p99", "Spread p50–p99")
SPREAD_SAYS = Text("p50 {p50}, p95 {p95}, p99 {p99}", "p50 {p50}, p95 {p95}, p99 {p99}")
OLDEST = Text("Chờ lâu nhất", "Oldest")
RATE = Text("Nhịp /phút", "Rate /min")
BACKLOG = Text("Tồn", "Backlog")
TREND = Text("Xu hướng", "Trend")
NO_LINKS = Text("Chưa có gì đi trên trục.", "Nothing has travelled on the axis yet.")
OF = Text("{kept} trên {all}", "{kept} of {all}")
DONE = Text("Xong", "Done")
