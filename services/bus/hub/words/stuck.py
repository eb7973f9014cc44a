"""Stuck and dead: what waits, what is parked, what needs a decision."""

from contracts.problems import Text

TITLE = Text("Kẹt và chết", "Stuck and dead")
PARTS = Text("Phần", "Parts")
LETTERS = Text("Cổng từ chối", "Refused by the portal")
RETRYING = Text("Đang chờ Cổng", "Waiting for the portal")
PARKED = Text("Đang dừng", "Parked")
HELD = Text("Trong các dịch vụ", "In the services")
LEAD_LETTERS = Text(
    "Cổng trả lời rằng nội dung sai. Gửi lại y nguyên không giúp gì cho đến khi có gì đó được sửa; trong khi đó "
    "luồng của hồ sơ đứng chờ.",
    "The portal said that the content is wrong. The same again is refused again until something is corrected; the "
    "dossier's lane waits meanwhile.",
)
LEAD_RETRYING = Text(
    "Chưa được Cổng nhận, sẽ được gửi lại tự động. Lâu nhất ở trên.",
    "Not acknowledged yet and tried again by itself. The longest waiting first.",
)
LEAD_PARKED = Text(
    "Đứng sau một thư chết. Gửi lại hoặc bỏ thư đó thì luồng đi tiếp.",
    "Behind a dead letter. Retry or discard that, and the lane goes on.",
)
LEAD_HELD = Text(
    "Sự kiện một dịch vụ chưa áp dụng được: thư chết, hoặc chờ một sự kiện trước nó.",
    "Events a service could not apply: dead letters, or waiting for an earlier event.",
)
FILTER = Text("Lọc", "Filter")
KEY = Text("Mã hồ sơ hoặc mã tham chiếu", "Dossier code or reference")
VERB = Text("Lệnh", "Verb")
ERROR = Text("Mã lỗi", "Error code")
STATE = Text("Tình trạng", "State")
STATES = {
    "open": Text("chờ quyết định", "waits for a decision"),
    "retried": Text("đã gửi lại", "retried"),
    "discarded": Text("đã bỏ", "discarded"),
    "dead": Text("thư chết", "dead letter"),
    "waiting": Text("chờ sự kiện trước", "waits for an earlier event"),
    "parked": Text("đang dừng", "parked"),
}
PROCESS = Text("Dịch vụ", "Service")
CONSUMER = Text("Bên nhận", "Consumer")
EVENT = Text("Sự kiện", "Event")
NUMBER = Text("Bản", "Version")
REASON = Text("Lý do", "Reason")
SINCE = Text("Từ lúc", "Since")
ATTEMPTS = Text("Lần thử", "Attempts")
DOSSIER = Text("Hồ sơ", "Dossier")
ON_THE_PORTAL = Text("Cổng đã nhận", "On the portal")
LETTER = Text("Thư chết", "Dead letter")
PLAIN = {
    "transport": Text("Không nối được tới Cổng.", "The portal could not be reached."),
    "event": Text("Không đọc được sự kiện.", "The event could not be read."),
}
REFUSED_CONTENT = Text(
    "Cổng không nhận {verb} của {key} (bản {number}), lỗi {error}: {reason}",
    "The portal does not take {verb} of {key} (version {number}), error {error}: {reason}",
)
PAYLOAD = Text("Nội dung đã gửi, dữ liệu cá nhân được che", "What was sent, personal data masked")
PAYLOAD_EVENT = Text("Nội dung sự kiện, dữ liệu cá nhân được che", "What the event holds, personal data masked")
CLOSED = Text("{state} bởi {by} lúc {at}", "{state} by {by} at {at}")
WHY = Text("Lý do: {why}", "Reason: {why}")
RETRY = Text("Gửi lại", "Retry")
RETRY_ALL = Text("Gửi lại tất cả đang lọc", "Retry all that are filtered")
RETRY_ALL_SAYS = Text(
    "Gửi lại mọi thư chết đang mở với lệnh “{verb}” và mã lỗi “{error}”.",
    "Retries every open letter with the verb “{verb}” and the error code “{error}”.",
)
ANY = Text("bất kỳ", "any")
RETRIED = Text("Đã gửi lại.", "Retried.")
RETRIED_MANY = Text("Đang gửi lại {n} thư.", "Retrying {n} letters.")
APPLIED = Text("Đã áp dụng {n} sự kiện.", "{n} events applied.")
DISCARD = Text("Bỏ thư", "Discard")
DISCARD_SAYS = Text(
    "Bước này sẽ không được gửi nữa; những gì chờ sau nó đi tiếp. Không lấy lại được.",
    "This step is given up; what waits behind it goes on. It cannot be taken back.",
)
DISCARDED = Text("Đã bỏ.", "Discarded.")
EDIT = Text("Sửa và gửi lại", "Edit and retry")
EDIT_SAYS = Text(
    "Chỉ ghi những trường cần đổi, dạng JSON (RFC 7396: null là xóa). Phần không ghi giữ nguyên, kể cả phần "
    "được che.",
    "Write only the fields to change, as JSON (RFC 7396: null removes). What is not written stays, masked or not.",
)
EDIT_ROW_SAYS = Text(
    "Chỉ sửa những gì Cổng chê trong dòng tiến độ; ô để trống giữ nguyên. Phần khác phải sửa ở bộ phận Một cửa.",
    "Change only what the portal dislikes in the row of progress; an empty field stays. The one-stop shop "
    "corrects all else.",
)
NOTHING_CHANGED = Text("Chưa có ô nào được điền.", "No field is filled in.")
EDIT_FIELD = Text("Thay đổi", "Changes")
NOT_JSON = Text("Đây không phải một đối tượng JSON: {why}", "This is no JSON object: {why}")
BACK = Text("Về danh sách", "Back to the list")
NOBODY = Text("Không có gì kẹt ở đây.", "Nothing is stuck here.")
VIEWER = Text("Vai trò của bạn chỉ xem được.", "Your role only looks.")
UNREADABLE = Text("không đọc được", "unreadable")
