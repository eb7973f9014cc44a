"""Every problem an API of the axis can answer with (RFC 9457), each with its Vietnamese and English text.

A problem is raised where a rule is broken and turned into `application/problem+json` at the edge. Its `type`
is stable: callers branch on it, never on the text. Texts may quote what the caller sent back to the caller,
but a problem never carries another person's data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any, Literal, NamedTuple

Language = Literal["vi", "en"]

TYPE_BASE = "urn:truc:problem:"


class Text(NamedTuple):
    """One message in the two languages the axis speaks."""

    vi: str
    en: str

    def render(self, language: Language, params: Mapping[str, Any]) -> str:
        template = self.vi if language == "vi" else self.en
        return template.format_map(_Params(params))


class _Params(dict[str, Any]):
    """Formats a missing parameter as its own name: an error message must never fail itself."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of refusal: its stable slug, HTTP status, title, and detail (a `str.format` template)."""

    slug: str
    status: int
    title: Text
    detail: Text

    @property
    def uri(self) -> str:
        return TYPE_BASE + self.slug


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: a JSON path such as `body.applicant.personal_id`, the rule, the words."""

    field: str
    rule: str
    text: Text
    params: Mapping[str, Any] = attribute(default_factory=dict)


class Problem(Exception):
    """A refusal. Raise it anywhere below a route; the edge renders it in the caller's language.

    `Problem(ILLEGAL_TRANSITION, field="body.action", action="complete", status=1)`: the keyword arguments fill
    the detail template; those in `extra` are also members of the document.
    """

    def __init__(
        self,
        type: ProblemType,
        *,
        field: str | None = None,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **params: Any,
    ) -> None:
        super().__init__(type.slug, params)
        self.type = type
        own = () if field is None else (FieldError(field, type.slug, type.detail, params),)
        self.errors: tuple[FieldError, ...] = (*own, *errors)
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        self.params = params

    def __str__(self) -> str:
        return f"{self.type.slug}: {self.type.detail.render('en', self.params)}"

    def document(self, language: Language, instance: str | None = None) -> dict[str, Any]:
        """The RFC 9457 document. Members: type, title, status, detail, instance, errors, and the extra ones."""
        document: dict[str, Any] = {
            "type": self.type.uri,
            "title": self.type.title.render(language, self.params),
            "status": self.type.status,
            "detail": self.type.detail.render(language, self.params),
        }
        if instance is not None:
            document["instance"] = instance
        if self.errors:
            document["errors"] = [
                {"field": e.field, "rule": e.rule, "detail": e.text.render(language, e.params)}
                for e in self.errors
            ]
        document.update(self.extra)
        return document


def _type(slug: str, status: int, title: tuple[str, str], detail: tuple[str, str]) -> ProblemType:
    return ProblemType(slug, status, Text(*title), Text(*detail))


# -- the request itself ------------------------------------------------------------------------------------
VALIDATION = _type(
    "validation",
    422,
    ("Dữ liệu gửi lên không hợp lệ", "The request does not follow the rules"),
    (
        "Có {count} trường không hợp lệ; xem mục errors để biết từng trường và quy tắc.",
        "{count} field(s) break a rule; see errors for each field and its rule.",
    ),
)
MALFORMED_BODY = _type(
    "malformed-body",
    400,
    ("Nội dung gửi lên không đọc được", "The body cannot be read"),
    (
        "Nội dung phải là JSON hợp lệ, mã hóa UTF-8: {reason}.",
        "The body must be valid JSON in UTF-8: {reason}.",
    ),
)
BODY_TOO_LARGE = _type(
    "body-too-large",
    413,
    ("Nội dung gửi lên quá lớn", "The body is too large"),
    (
        "Giới hạn là {limit} byte. Hãy chia nhỏ hoặc dùng tải lên nối tiếp (tus).",
        "The limit is {limit} bytes. Split the request, or use a resumable upload (tus).",
    ),
)
UNSUPPORTED_MEDIA_TYPE = _type(
    "unsupported-media-type",
    415,
    ("Kiểu nội dung không được hỗ trợ", "The content type is not supported"),
    (
        "Nhận được {received}; hãy gửi {expected}.",
        "Received {received}; send {expected}.",
    ),
)
NOT_FOUND = _type(
    "not-found",
    404,
    ("Không tìm thấy", "Not found"),
    ("Không có {what} nào là {id}.", "There is no {what} {id}."),
)
ROUTE_NOT_FOUND = _type(
    "route-not-found",
    404,
    ("Không có địa chỉ này", "No such address"),
    (
        "Không có địa chỉ {path}; xem /openapi.json để biết các địa chỉ của dịch vụ.",
        "There is nothing at {path}; see /openapi.json for what this service offers.",
    ),
)
METHOD_NOT_ALLOWED = _type(
    "method-not-allowed",
    405,
    ("Phương thức không được phép", "Method not allowed"),
    (
        "Địa chỉ {path} không nhận {method}; các phương thức được phép: {allowed}.",
        "{path} does not take {method}; it allows: {allowed}.",
    ),
)
BAD_CURSOR = _type(
    "bad-cursor",
    400,
    ("Con trỏ trang không hợp lệ", "The page cursor is not valid"),
    (
        "Con trỏ không do dịch vụ này cấp. Hãy đọc lại từ trang đầu.",
        "The cursor was not issued here. Start again from the first page.",
    ),
)
HTTP_ERROR = _type(
    "http-error",
    400,
    ("Yêu cầu không thực hiện được", "The request cannot be carried out"),
    ("{reason}", "{reason}"),
)

# -- who asks ----------------------------------------------------------------------------------------------
UNAUTHENTICATED = _type(
    "unauthenticated",
    401,
    ("Chưa xác thực", "Not authenticated"),
    (
        "Cần một access token còn hiệu lực của trục ({reason}). Lấy token tại POST /oauth/token của hub.",
        "A valid access token of the axis is needed ({reason}). Get one at the hub's POST /oauth/token.",
    ),
)
FORBIDDEN = _type(
    "forbidden",
    403,
    ("Không có quyền", "Not allowed"),
    ("Token thiếu quyền {scope}.", "The token lacks the scope {scope}."),
)

# -- writing -----------------------------------------------------------------------------------------------
IDEMPOTENCY_MISMATCH = _type(
    "idempotency-mismatch",
    422,
    ("Idempotency-Key đã dùng cho yêu cầu khác", "The Idempotency-Key belongs to another request"),
    (
        "Khóa {key} đã dùng cho một yêu cầu có nội dung khác. Mỗi yêu cầu mới cần một khóa mới.",
        "The key {key} was used with another body or address. A new request needs a new key.",
    ),
)
IDEMPOTENCY_RUNNING = _type(
    "idempotency-running",
    409,
    ("Yêu cầu cùng Idempotency-Key đang chạy", "The same Idempotency-Key is still running"),
    (
        "Yêu cầu đầu tiên với khóa {key} chưa xong. Hãy gửi lại sau giây lát để nhận kết quả của nó.",
        "The first request with the key {key} has not finished. Send it again shortly to get its answer.",
    ),
)
BAD_IDEMPOTENCY_KEY = _type(
    "bad-idempotency-key",
    400,
    ("Idempotency-Key không hợp lệ", "The Idempotency-Key is not valid"),
    (
        "Khóa phải có 1 đến 200 ký tự ASCII nhìn thấy được.",
        "The key must be 1 to 200 visible ASCII characters.",
    ),
)
STALE_VERSION = _type(
    "stale-version",
    412,
    ("Dữ liệu đã thay đổi", "The resource has changed"),
    (
        "If-Match là {given} nhưng phiên bản hiện tại là {current}. Hãy đọc lại rồi gửi lại.",
        "If-Match says {given} but the current version is {current}. Read it again, then resend.",
    ),
)
CONFLICT = _type(
    "conflict",
    409,
    ("Xung đột với thay đổi khác", "In conflict with another change"),
    ("{reason}", "{reason}"),
)
ALREADY_EXISTS = _type(
    "already-exists",
    409,
    ("Đã tồn tại", "Already exists"),
    ("{what} {id} đã tồn tại.", "{what} {id} already exists."),
)
BUSY = _type(
    "busy",
    503,
    ("Dịch vụ đang quá tải", "The service is overloaded"),
    (
        "Hàng đợi ghi đã đầy. Yêu cầu chưa được thực hiện; hãy gửi lại sau {retry_after} giây.",
        "The write queue is full. Nothing was done; send the request again in {retry_after} s.",
    ),
)
UNAVAILABLE = _type(
    "unavailable",
    503,
    ("Tạm thời không phục vụ được", "Temporarily unavailable"),
    (
        "{what} hiện không truy cập được. Yêu cầu chưa được thực hiện; hãy gửi lại sau {retry_after} giây.",
        "{what} cannot be reached now. Nothing was done; send the request again in {retry_after} s.",
    ),
)
INTERNAL = _type(
    "internal",
    500,
    ("Lỗi nội bộ", "Internal error"),
    (
        "Đã ghi nhận lỗi với mã {trace}. Hãy gửi mã này cho quản trị viên.",
        "The error was recorded under {trace}. Give this id to the operator.",
    ),
)

# -- population (dân cư) -----------------------------------------------------------------------------------
PURPOSE_REQUIRED = _type(
    "purpose-required",
    403,
    ("Thiếu mục đích tra cứu", "A lookup needs a purpose"),
    (
        "Tra cứu dữ liệu cá nhân cần header {header}: mã thủ tục (MaDVC) và mã hồ sơ mà tra cứu phục vụ.",
        "A lookup of personal data needs the header {header}: the procedure and the dossier it serves.",
    ),
)
INCONSISTENT_PERSON = _type(
    "inconsistent-person",
    422,
    ("Dữ liệu công dân mâu thuẫn", "The citizen's data contradict each other"),
    ("{reason_vi}", "{reason_en}"),
)

# -- dossiers (hồ sơ) --------------------------------------------------------------------------------------
ILLEGAL_TRANSITION = _type(
    "illegal-transition",
    409,
    ("Bước xử lý không hợp lệ", "The step is not possible now"),
    (
        "Không thể {action} khi hồ sơ {code} ở trạng thái {status} ({status_vi}): {why_vi}.",
        "{action} is not possible while dossier {code} is at status {status} ({status_en}): {why_en}.",
    ),
)
GUARD_REFUSED = _type(
    "guard-refused",
    409,
    ("Chưa đủ điều kiện để chuyển bước", "A condition of the step is not met"),
    (
        "Chưa thể {action} hồ sơ {code}: {why_vi}.",
        "{action} of dossier {code} has to wait: {why_en}.",
    ),
)
FORM_INVALID = _type(
    "form-invalid",
    422,
    ("Tờ khai điện tử không hợp lệ", "The e-form does not follow its schema"),
    (
        "Tờ khai của thủ tục {procedure} có {count} lỗi; xem mục errors.",
        "The form of procedure {procedure} has {count} error(s); see errors.",
    ),
)
AGENCY_CANNOT_RECEIVE = _type(
    "agency-cannot-receive",
    422,
    ("Cơ quan không tiếp nhận hồ sơ", "The agency receives no dossiers"),
    (
        "Không có cơ quan tiếp nhận {agency}; xem GET /v1/agencies.",
        "{agency} is not an agency that receives dossiers; see GET /v1/agencies.",
    ),
)
UNKNOWN_PROCEDURE = _type(
    "unknown-procedure",
    422,
    ("Không có thủ tục này", "No such procedure"),
    (
        "Không có thủ tục {procedure} trong danh mục; xem GET /v1/procedures.",
        "Procedure {procedure} is not in the catalogue; see GET /v1/procedures.",
    ),
)
UPLOAD_REFUSED = _type(
    "upload-refused",
    422,
    ("Tệp đính kèm không được nhận", "The attachment is not accepted"),
    ("{reason_vi}", "{reason_en}"),
)


def all_types() -> dict[str, ProblemType]:
    """Every problem type by slug, for documentation and the staleness tests."""
    return {value.slug: value for value in globals().values() if isinstance(value, ProblemType)}
