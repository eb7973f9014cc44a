"""The words of the verification page and of papers, in Vietnamese and English."""

from __future__ import annotations

from typing import Final

from contracts.catalogue.result_kinds import result_kind
from contracts.problems import Language, Text
from contracts.results import ResultState

SERVICE: Final = Text("Tra cứu kết quả điện tử", "Check an electronic result")
SKIP: Final = Text("Chuyển tới nội dung chính", "Skip to the content")
TITLE: Final = Text("Kiểm tra kết quả giải quyết thủ tục hành chính", "Check the result of a public service")
LEAD: Final = Text(
    "Nhập mã tra cứu in trên giấy, cạnh mã QR. Không cần đăng nhập.",
    "Enter the verification code printed on the paper, beside the QR code. No login is needed.",
)
CODE: Final = Text("Mã tra cứu", "Verification code")
CODE_HINT: Final = Text(
    "16 chữ cái và chữ số, ví dụ 7KQ3-M9XA-0T5D-E2RV; có thể bỏ dấu gạch.",
    "16 letters and digits, such as 7KQ3-M9XA-0T5D-E2RV; hyphens may be left out.",
)
CHECK: Final = Text("Kiểm tra", "Check")
ANOTHER: Final = Text("Kiểm tra kết quả khác", "Check another result")

STATES: Final = {
    ResultState.VALID: Text("Kết quả có hiệu lực", "The result is valid"),
    ResultState.EXPIRED: Text("Kết quả đã hết hạn", "The result has expired"),
    ResultState.REVOKED: Text("Kết quả đã bị thu hồi", "The result was revoked"),
    ResultState.SUPERSEDED: Text("Kết quả đã được thay thế", "The result was replaced"),
}
STATE_TEXTS: Final = {
    ResultState.VALID: Text(
        "Chữ ký số đúng và kết quả chưa bị thu hồi. Hãy so từng mục dưới đây với giấy.",
        "The signature is good and the result has not been revoked. Compare each line below with the paper.",
    ),
    ResultState.EXPIRED: Text(
        "Chữ ký số đúng, nhưng kết quả chỉ có giá trị đến ngày ghi dưới đây.",
        "The signature is good, but the result was only good until the day below.",
    ),
    ResultState.REVOKED: Text(
        "Cơ quan cấp đã thu hồi kết quả này. Không dùng giấy này nữa.",
        "The agency has revoked this result. The paper must not be used any more.",
    ),
    ResultState.SUPERSEDED: Text(
        "Cơ quan cấp đã thay kết quả này bằng bản đã sửa. Hãy yêu cầu bản mới.",
        "The agency has replaced this result by a corrected one. Ask for the new paper.",
    ),
}
BROKEN: Final = Text("Chữ ký số không đúng", "The signature is not good")
BROKEN_TEXT: Final = Text(
    "Không thể xác nhận kết quả này. Hãy liên hệ cơ quan cấp.",
    "This result cannot be confirmed. Ask the agency.",
)
NOT_FOUND: Final = Text("Không có kết quả nào mang mã này", "There is no result with this code")
NOT_FOUND_TEXT: Final = Text(
    "Nếu mã trên giấy đúng như bạn đã nhập, giấy này không do hệ thống cấp.",
    "If the code on the paper is what you entered, the paper was not issued here.",
)
MISTYPED: Final = Text("Mã tra cứu chưa đúng", "The code is not right")
TOO_MANY: Final = Text("Bạn đã tra cứu quá nhiều lần", "Too many checks")
PROBLEM: Final = Text("Chưa thực hiện được", "That did not work")

KIND: Final = Text("Loại giấy tờ", "Kind of paper")
NUMBER: Final = Text("Số", "Number")
AGENCY: Final = Text("Cơ quan cấp", "Issued by")
ISSUED_ON: Final = Text("Ngày cấp", "Issued on")
VALID_UNTIL: Final = Text("Có giá trị đến hết ngày", "Good until the end of")
REVOKED_ON: Final = Text("Ngày thu hồi", "Revoked on")
OWNER: Final = Text("Chủ sở hữu (chữ cái đầu)", "Owner (initials)")
OWNER_OPEN: Final = Text("Chủ sở hữu", "Owner")
OWNER_ID: Final = Text("Số định danh", "Personal id")
TAX_CODE: Final = Text("Mã số thuế", "Tax code")
CHECKED_AT: Final = Text("Kiểm tra lúc", "Checked at")
PAPER: Final = Text("Tải bản in (PDF)", "Download the paper (PDF)")
DOCUMENT: Final = Text("Tải bản điện tử đã ký (JSON)", "Download the signed document (JSON)")
KEYS: Final = Text("Khóa công khai (JWKS)", "Public keys (JWKS)")
OFFLINE: Final = Text(
    "Có thể kiểm tra chữ ký mà không cần mạng: tải bản điện tử đã ký và khóa công khai.",
    "The signature can be checked offline: download the signed document and the public keys.",
)
FOOTER: Final = Text(
    "Trang chỉ cho biết những gì cần để so với giấy. Thông tin cá nhân được che bớt.",
    "This page tells only what is needed to compare with the paper. Personal data are masked.",
)


def title_of(kind: str, language: Language) -> str:
    """What a kind of result is called."""
    return result_kind(kind).title.text.in_(language)
