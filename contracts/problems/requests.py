"""What any API can refuse a request for: the request itself, who asks, and writing."""

from __future__ import annotations

from contracts.problems.base import ProblemType
from contracts.problems.text import Text

VALIDATION = ProblemType(
    "validation",
    422,
    Text("Dữ liệu gửi lên không hợp lệ", "The request does not follow the rules"),
    Text(
        "Có {count} trường không hợp lệ; xem mục errors để biết từng trường và quy tắc.",
        "{count} field(s) break a rule; see errors for each field and its rule.",
    ),
)
MALFORMED_BODY = ProblemType(
    "malformed-body",
    400,
    Text("Nội dung gửi lên không đọc được", "The body cannot be read"),
    Text(
        "Nội dung phải là JSON hợp lệ, mã hóa UTF-8: {reason}.",
        "The body must be valid JSON in UTF-8: {reason}.",
    ),
)
BODY_TOO_LARGE = ProblemType(
    "body-too-large",
    413,
    Text("Nội dung gửi lên quá lớn", "The body is too large"),
    Text(
        "Giới hạn là {limit} byte. Hãy chia nhỏ hoặc dùng tải lên nối tiếp (tus).",
        "The limit is {limit} bytes. Split the request, or use a resumable upload (tus).",
    ),
)
UNSUPPORTED_MEDIA_TYPE = ProblemType(
    "unsupported-media-type",
    415,
    Text("Kiểu nội dung không được hỗ trợ", "The content type is not supported"),
    Text(
        "Nhận được {received}; hãy gửi {expected}.",
        "Received {received}; send {expected}.",
    ),
)
NOT_FOUND = ProblemType(
    "not-found",
    404,
    Text("Không tìm thấy", "Not found"),
    Text("Không có {what} nào là {id}.", "There is no {what} {id}."),
)
ROUTE_NOT_FOUND = ProblemType(
    "route-not-found",
    404,
    Text("Không có địa chỉ này", "No such address"),
    Text(
        "Không có địa chỉ {path}; xem /openapi.json để biết các địa chỉ của dịch vụ.",
        "There is nothing at {path}; see /openapi.json for what this service offers.",
    ),
)
METHOD_NOT_ALLOWED = ProblemType(
    "method-not-allowed",
    405,
    Text("Phương thức không được phép", "Method not allowed"),
    Text(
        "Địa chỉ {path} không nhận {method}; các phương thức được phép: {allowed}.",
        "{path} does not take {method}; it allows: {allowed}.",
    ),
)
BAD_CURSOR = ProblemType(
    "bad-cursor",
    400,
    Text("Con trỏ trang không hợp lệ", "The page cursor is not valid"),
    Text(
        "Con trỏ không do dịch vụ này cấp. Hãy đọc lại từ trang đầu.",
        "The cursor was not issued here. Start again from the first page.",
    ),
)
HTTP_ERROR = ProblemType(
    "http-error",
    400,
    Text("Yêu cầu không thực hiện được", "The request cannot be carried out"),
    Text("{reason}", "{reason}"),
)

UNAUTHENTICATED = ProblemType(
    "unauthenticated",
    401,
    Text("Chưa xác thực", "Not authenticated"),
    Text(
        "Cần một access token còn hiệu lực của trục ({reason}). Lấy token tại POST /oauth/token của hub.",
        "A valid access token of the axis is needed ({reason}). Get one at the hub's POST /oauth/token.",
    ),
)
FORBIDDEN = ProblemType(
    "forbidden",
    403,
    Text("Không có quyền", "Not allowed"),
    Text("Token thiếu quyền {scope}.", "The token lacks the scope {scope}."),
)

IDEMPOTENCY_MISMATCH = ProblemType(
    "idempotency-mismatch",
    422,
    Text("Idempotency-Key đã dùng cho yêu cầu khác", "The Idempotency-Key belongs to another request"),
    Text(
        "Khóa {key} đã dùng cho một yêu cầu có nội dung khác. Mỗi yêu cầu mới cần một khóa mới.",
        "The key {key} was used with another body or address. A new request needs a new key.",
    ),
)
IDEMPOTENCY_RUNNING = ProblemType(
    "idempotency-running",
    409,
    Text("Yêu cầu cùng Idempotency-Key đang chạy", "The same Idempotency-Key is still running"),
    Text(
        "Yêu cầu đầu tiên với khóa {key} chưa xong. Hãy gửi lại sau giây lát để nhận kết quả của nó.",
        "The first request with the key {key} has not finished. Send it again shortly to get its answer.",
    ),
)
BAD_IDEMPOTENCY_KEY = ProblemType(
    "bad-idempotency-key",
    400,
    Text("Idempotency-Key không hợp lệ", "The Idempotency-Key is not valid"),
    Text(
        "Khóa phải có 1 đến 200 ký tự ASCII nhìn thấy được.",
        "The key must be 1 to 200 visible ASCII characters.",
    ),
)
STALE_VERSION = ProblemType(
    "stale-version",
    412,
    Text("Dữ liệu đã thay đổi", "The resource has changed"),
    Text(
        "If-Match là {given} nhưng phiên bản hiện tại là {current}. Hãy đọc lại rồi gửi lại.",
        "If-Match says {given} but the current version is {current}. Read it again, then resend.",
    ),
)
CONFLICT = ProblemType(
    "conflict",
    409,
    Text("Xung đột với thay đổi khác", "In conflict with another change"),
    Text("{reason}", "{reason}"),
)
ALREADY_EXISTS = ProblemType(
    "already-exists",
    409,
    Text("Đã tồn tại", "Already exists"),
    Text("{what} {id} đã tồn tại.", "{what} {id} already exists."),
)
BUSY = ProblemType(
    "busy",
    503,
    Text("Dịch vụ đang quá tải", "The service is overloaded"),
    Text(
        "Hàng đợi ghi đã đầy. Yêu cầu chưa được thực hiện; hãy gửi lại sau {retry_after} giây.",
        "The write queue is full. Nothing was done; send the request again in {retry_after} s.",
    ),
)
UNAVAILABLE = ProblemType(
    "unavailable",
    503,
    Text("Tạm thời không phục vụ được", "Temporarily unavailable"),
    Text(
        "{what} hiện không truy cập được. Yêu cầu chưa được thực hiện; hãy gửi lại sau {retry_after} giây.",
        "{what} cannot be reached now. Nothing was done; send the request again in {retry_after} s.",
    ),
)
INTERNAL = ProblemType(
    "internal",
    500,
    Text("Lỗi nội bộ", "Internal error"),
    Text(
        "Đã ghi nhận lỗi với mã {trace}. Hãy gửi mã này cho quản trị viên.",
        "The error was recorded under {trace}. Give this id to the operator.",
    ),
)
