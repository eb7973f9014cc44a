"""Refusals of the one-stop shop (một cửa): steps, forms, papers."""

from __future__ import annotations

from contracts.problems.base import ProblemType
from contracts.problems.text import Text

ILLEGAL_TRANSITION = ProblemType(
    "illegal-transition",
    409,
    Text("Bước xử lý không hợp lệ", "The step is not possible now"),
    Text(
        "Không thể {action} khi hồ sơ {code} ở trạng thái {status} ({status_vi}): {why_vi}.",
        "{action} is not possible while dossier {code} is at status {status} ({status_en}): {why_en}.",
    ),
)
GUARD_REFUSED = ProblemType(
    "guard-refused",
    409,
    Text("Chưa đủ điều kiện để chuyển bước", "A condition of the step is not met"),
    Text(
        "Chưa thể {action} hồ sơ {code}: {why_vi}.",
        "{action} of dossier {code} has to wait: {why_en}.",
    ),
)
FORM_INVALID = ProblemType(
    "form-invalid",
    422,
    Text("Tờ khai điện tử không hợp lệ", "The e-form does not follow its schema"),
    Text(
        "Tờ khai của thủ tục {procedure} có {count} lỗi; xem mục errors.",
        "The form of procedure {procedure} has {count} error(s); see errors.",
    ),
)
AGENCY_CANNOT_RECEIVE = ProblemType(
    "agency-cannot-receive",
    422,
    Text("Cơ quan không tiếp nhận hồ sơ", "The agency receives no dossiers"),
    Text(
        "Không có cơ quan tiếp nhận {agency}; xem GET /v1/agencies.",
        "{agency} is not an agency that receives dossiers; see GET /v1/agencies.",
    ),
)
UNKNOWN_PROCEDURE = ProblemType(
    "unknown-procedure",
    422,
    Text("Không có thủ tục này", "No such procedure"),
    Text(
        "Không có thủ tục {procedure} trong danh mục; xem GET /v1/procedures.",
        "Procedure {procedure} is not in the catalogue; see GET /v1/procedures.",
    ),
)
UPLOAD_REFUSED = ProblemType(
    "upload-refused",
    422,
    Text("Tệp đính kèm không được nhận", "The attachment is not accepted"),
    Text("{reason_vi}", "{reason_en}"),
)
