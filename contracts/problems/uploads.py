"""Refusals that only the upload of files knows."""

from __future__ import annotations

from contracts.problems.base import ProblemType
from contracts.problems.text import Text

DOSSIER_CLOSED = ProblemType(
    "dossier-closed",
    409,
    Text("Hồ sơ đã đóng", "The dossier is closed"),
    Text(
        "Hồ sơ {code} ở trạng thái {status}, không nhận hoặc gỡ giấy tờ này được nữa.",
        "Dossier {code} is at status {status}: papers of this kind are neither taken nor removed any more.",
    ),
)
BAD_UPLOAD_HEADER = ProblemType(
    "bad-upload-header",
    400,
    Text("Header của giao thức tải lên không hợp lệ", "A header of the upload protocol is not valid"),
    Text("{header} phải là {expected_vi}.", "{header} has to be {expected_en}."),
)
UPLOAD_VERSION = ProblemType(
    "upload-version",
    412,
    Text("Phiên bản giao thức tải lên không được hỗ trợ", "This version of the upload protocol is not spoken"),
    Text("Tus-Resumable phải là {version}.", "Tus-Resumable has to be {version}."),
)
OFFSET_MISMATCH = ProblemType(
    "offset-mismatch",
    409,
    Text("Vị trí tải lên không khớp", "The upload goes on elsewhere"),
    Text(
        "Upload-Offset là {given} nhưng máy chủ đã có {offset} byte. Hãy hỏi lại bằng HEAD rồi gửi tiếp.",
        "Upload-Offset is {given} but {offset} bytes are here. Ask with HEAD, then go on from there.",
    ),
)
UPLOAD_EXPIRED = ProblemType(
    "upload-expired",
    410,
    Text("Lượt tải lên đã hết hạn", "The upload has expired"),
    Text("Hãy bắt đầu lượt tải lên mới.", "Begin a new upload."),
)
UPLOAD_LOCKED = ProblemType(
    "upload-locked",
    423,
    Text("Lượt tải lên đang được ghi", "The upload is being written"),
    Text(
        "Một yêu cầu khác đang gửi dữ liệu vào lượt tải lên này; hãy thử lại sau giây lát.",
        "Another request is sending bytes to this upload; try again shortly.",
    ),
)
CHECKSUM_MISMATCH = ProblemType(
    "checksum-mismatch",
    460,
    Text("Tổng kiểm tra không khớp", "The checksum does not match"),
    Text(
        "Dữ liệu nhận được không khớp Upload-Checksum và đã bị bỏ; hãy gửi lại từ vị trí cũ.",
        "What arrived does not match Upload-Checksum and was dropped; send it again from the same offset.",
    ),
)
UPLOAD_SILENT = ProblemType(
    "upload-silent",
    408,
    Text("Bên gửi ngừng gửi dữ liệu", "The sender fell silent"),
    Text(
        "Không nhận thêm byte nào trong {seconds} giây. Phần đã nhận được giữ lại; hãy gửi tiếp.",
        "Not a byte came for {seconds} s. What had come is kept; go on from there.",
    ),
)
