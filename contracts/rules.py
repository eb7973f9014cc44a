"""Every validation rule by name, with its text in Vietnamese and English.

A rule is a stable name such as `personal_id.province_unknown`: clients may depend on it, texts may
change. The table holds our own rules and those of pydantic that a JSON API can produce, so that an
error answer never falls back to a language the reader did not ask for.
Texts must never repeat personal data: a context holds codes, dates and limits only.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import PydanticCustomError

from contracts.problems import Text
from contracts.pydantic_rules import PYDANTIC_RULES

OWN_RULES: Final[Mapping[str, Text]] = {
    "task.kind_unknown": Text(
        "Không có loại nhiệm vụ {kind}.",
        "There is no kind of task {kind}.",
    ),
    "task_answer.part_missing": Text(
        "Trả lời {kind} phải có phần {part}.",
        "An answer of kind {kind} needs the part {part}.",
    ),
    "persona.latency_order": Text(
        "min_seconds không được lớn hơn seconds.",
        "min_seconds must not be above seconds.",
    ),
    "persona.one_end": Text(
        "Hãy cho đúng một trong hai: until hoặc for_seconds.",
        "Give exactly one of until and for_seconds.",
    ),
    "task_answer.part_unfit": Text(
        "Phần {part} không thuộc trả lời {kind}.",
        "The part {part} does not belong to an answer of kind {kind}.",
    ),
    "personal_id.format": Text(
        "Số định danh cá nhân phải gồm đúng 12 chữ số.",
        "A personal id has exactly 12 digits.",
    ),
    "personal_id.province_unknown": Text(
        "Ba chữ số đầu {prefix} không phải mã tỉnh hoặc mã quốc gia nơi đăng ký khai sinh.",
        "The first three digits {prefix} are not the code of a province or country of birth registration.",
    ),
    "personal_id.sex_mismatch": Text(
        "Số định danh cá nhân không phù hợp với giới tính đã khai.",
        "The personal id does not agree with the sex stated.",
    ),
    "personal_id.birth_year_mismatch": Text(
        "Số định danh cá nhân không phù hợp với năm sinh đã khai.",
        "The personal id does not agree with the year of birth stated.",
    ),
    "legacy_id_card.format": Text(
        "Số chứng minh nhân dân phải gồm đúng 9 chữ số.",
        "A legacy identity card number has exactly 9 digits.",
    ),
    "dossier_code.format": Text(
        "Mã hồ sơ phải có dạng <mã đơn vị>-<ngày>-<số thứ tự>, ví dụ 000.00.14.H20-200703-0002.",
        "A dossier code is <agency>-<date>-<sequence>, for example 000.00.14.H20-200703-0002.",
    ),
    "dossier_code.date_impossible": Text(
        "Phần ngày {date} trong mã hồ sơ không phải một ngày có thật từ năm 2000 đến 2099.",
        "The date {date} in the dossier code is not a real day between the years 2000 and 2099.",
    ),
    "dossier_code.sequence_zero": Text(
        "Số thứ tự trong mã hồ sơ bắt đầu từ 1.",
        "The sequence number in a dossier code starts at 1.",
    ),
    "dossier_code.sequence_exhausted": Text(
        "Số thứ tự {sequence} vượt quá giới hạn 7 chữ số của mã hồ sơ.",
        "The sequence number {sequence} exceeds the seven digits a dossier code has room for.",
    ),
    "agency_code.format": Text(
        "Mã định danh cơ quan phải có dạng H26.19 (QĐ 20/2020/QĐ-TTg) hoặc 000.00.19.H26 (QCVN 102:2016).",
        "An agency code is written H26.19 (Decision 20/2020) or 000.00.19.H26 (QCVN 102:2016).",
    ),
    "agency_code.too_long": Text(
        "Mã định danh cơ quan không được dài quá {max_length} ký tự.",
        "An agency code has at most {max_length} characters.",
    ),
    "agency_code.not_convertible": Text(
        "Không có quy tắc chuyển đổi mã {code} sang dạng kia; cần bảng đối chiếu của cơ quan.",
        "The code {code} has no rule for the other form; it needs an entry in the agency's own map.",
    ),
    "procedure_code.format": Text(
        "Mã thủ tục hành chính phải có dạng 1.001193, có thể kèm mã đơn vị như 1.000948.H38.",
        "A procedure code is written 1.001193, optionally with an agency as in 1.000948.H38.",
    ),
    "field_code.format": Text(
        "Mã lĩnh vực phải có dạng G03-GD10.",
        "A field code is written G03-GD10.",
    ),
    "result_code.format": Text(
        "Mã kết quả phải có dạng 000.00.00.G09-KQ002269 hoặc KQ.G15.000031.",
        "A result code is written 000.00.00.G09-KQ002269 or KQ.G15.000031.",
    ),
    "tax_code.format": Text(
        "Mã số thuế phải gồm 10 chữ số, đơn vị phụ thuộc thêm gạch nối và 3 chữ số.",
        "A tax code has 10 digits; a branch adds a hyphen and 3 digits.",
    ),
    "tax_code.stem_empty": Text(
        "Bảy chữ số từ thứ ba đến thứ chín của mã số thuế không được cùng bằng 0.",
        "The third to ninth digits of a tax code are never all zero.",
    ),
    "tax_code.check_digit": Text(
        "Chữ số kiểm tra (thứ mười) của mã số thuế không đúng.",
        "The check digit (the tenth) of the tax code is wrong.",
    ),
    "tax_code.never_issued": Text(
        "Chín chữ số đầu này không có chữ số kiểm tra nên không bao giờ được cấp làm mã số thuế.",
        "These first nine digits have no check digit, so no such tax code is ever issued.",
    ),
    "tax_code.branch_zero": Text(
        "Số đơn vị phụ thuộc của mã số thuế đi từ 001 đến 999.",
        "The branch number of a tax code runs from 001 to 999.",
    ),
    "parcel_key.format": Text(
        "Khóa thửa đất phải có dạng <mã xã 5 chữ số>-<số tờ bản đồ>-<số thửa>, ví dụ 21553-12-345.",
        "A parcel key is <5-digit commune>-<map sheet>-<parcel number>, for example 21553-12-345.",
    ),
    "parcel_geohash.format": Text(
        "Mã định danh thửa đất gồm 12 ký tự GeoHash: chữ số và chữ thường, trừ a, i, l, o.",
        "A parcel identifier is 12 GeoHash characters: digits and small letters except a, i, l, o.",
    ),
    "parcel_geohash.outside_vietnam": Text(
        "Mã định danh thửa đất nằm ngoài Việt Nam: phải bắt đầu bằng w.",
        "The parcel identifier lies outside Vietnam: it has to begin with w.",
    ),
    "certificate_code.format": Text(
        "Mã giấy chứng nhận gồm 12 chữ hoa và chữ số, hoặc mã vạch cũ gồm 13 hay 15 chữ số.",
        "A certificate code is 12 capital letters and digits, or an older barcode of 13 or 15 digits.",
    ),
    "unit_code.format": Text(
        "Mã đơn vị hành chính gồm 2 (tỉnh), 3 (huyện) hoặc 5 (xã) chữ số.",
        "An administrative unit code has 2 (province), 3 (district) or 5 (commune) digits.",
    ),
    "unit.unknown": Text(
        "Không có đơn vị hành chính nào mang mã {code}.",
        "No administrative unit bears the code {code}.",
    ),
    "unit.wrong_period": Text(
        "Mã đơn vị hành chính {code} không có hiệu lực ngày {on}. Hiệu lực: {valid}. Kế thừa: {successors}.",
        "The unit code {code} is not valid on {on}. It is valid: {valid}. Succeeded by: {successors}.",
    ),
    "unit.wrong_level": Text(
        "{name} (mã {code}) không phải đơn vị hành chính cấp {expected_vi}.",
        "{name} (code {code}) is not a {expected}.",
    ),
    "date.too_early": Text(
        "Ngày không được trước {earliest}.",
        "The date must not be before {earliest}.",
    ),
    "procedure.unknown": Text(
        "Không có thủ tục hành chính nào mang mã {code}.",
        "No administrative procedure bears the code {code}.",
    ),
    "agency.unknown": Text(
        "Không có cơ quan nào mang mã {code}.",
        "No agency bears the code {code}.",
    ),
    "duration.format": Text(
        "Thời hạn phải có dạng same-day, 3-working-days hoặc 8-working-hours.",
        "A duration is written same-day, 3-working-days or 8-working-hours.",
    ),
    "phone_number.format": Text(
        "Số điện thoại phải là số Việt Nam, ví dụ 0905123456 hoặc +84 905 123 456.",
        "The phone number has to be Vietnamese, for example 0905123456 or +84 905 123 456.",
    ),
    "person_name.empty": Text("Họ và tên không được để trống.", "A name must not be empty."),
    "person_name.too_long": Text(
        "Họ và tên không được dài quá {max_length} ký tự.",
        "A name has at most {max_length} characters.",
    ),
    "person_name.control_character": Text(
        "Họ và tên chứa ký tự điều khiển {code_point}.",
        "The name contains the control character {code_point}.",
    ),
    "person_name.character": Text(
        "Họ và tên chứa ký tự không được phép {code_point}.",
        "The name contains the character {code_point}, which is not allowed.",
    ),
    "import.line_truncated": Text(
        "Dòng cuối không có ký tự kết thúc dòng: có thể đã bị cắt cụt. Hãy kết thúc tệp bằng ký tự xuống dòng.",
        "The last line has no line end: it may be cut off. End the file with a line break.",
    ),
    "import.line_too_long": Text(
        "Dòng dài hơn {limit} byte.",
        "The line is longer than {limit} bytes.",
    ),
    "import.encoding": Text(
        "Dòng không phải UTF-8 (từ byte {byte} của dòng).",
        "The line is not UTF-8 (from byte {byte} of the line on).",
    ),
    "import.quotes": Text(
        "Dấu ngoặc kép không đóng trên cùng một dòng.",
        "A quotation mark is not closed on its line.",
    ),
    "import.fields": Text(
        "Dòng có {found} cột, tiêu đề có {expected}.",
        "The line has {found} fields, the header {expected}.",
    ),
    "import.json": Text(
        "Dòng không phải một đối tượng JSON.",
        "The line is no JSON object.",
    ),
    "import.control_character": Text(
        "Trường này chứa ký tự điều khiển.",
        "The field holds a control character.",
    ),
    "import.parcel_taken": Text(
        "Thửa {parcel} đã có trong sổ.",
        "The parcel {parcel} is in the book already.",
    ),
    "import.serial_taken": Text(
        "Đã có Giấy chứng nhận mang số {serial}.",
        "There is a certificate with the serial {serial} already.",
    ),
    "import.book_open": Text(
        "Chỉ nhập sổ của các năm trước {year}: sổ năm nay còn đang ghi.",
        "Only books of the years before {year} are taken in: this year's are still being written.",
    ),
    "import.number_taken": Text(
        "Số {number} đã có trong sổ {book}.",
        "The number {number} is in the book {book} already.",
    ),
    "import.name_missing": Text(
        "Có ngày sinh hoặc số định danh mà không có họ tên.",
        "There is a birth date or a personal id, but no name.",
    ),
    "import.parent_younger": Text(
        "Cha hoặc mẹ sinh sau hoặc cùng lúc với con.",
        "The parent is no older than the child.",
    ),
    "import.died_before_birth": Text(
        "Ngày chết trước ngày sinh.",
        "The death lies before the birth.",
    ),
    "import.same_person": Text(
        "Hai bên mang cùng một số định danh.",
        "Both bear one personal id.",
    ),
    "import.after_registration": Text(
        "Ngày này sau ngày đăng ký.",
        "This day lies after the registration.",
    ),
    "person_name.start": Text(
        "Họ và tên phải bắt đầu bằng một chữ cái.",
        "A name begins with a letter.",
    ),
    "share.format": Text(
        "Phần quyền phải viết dạng 1/3 hoặc 1, tử và mẫu không quá 9 chữ số.",
        "A share is written 1/3 or 1, with at most nine digits above and below.",
    ),
    "share.range": Text("Phần quyền không được lớn hơn 1.", "A share is never more than the whole."),
    "land_use.unknown": Text("Không có mã loại đất {code}.", "There is no land-use code {code}."),
    "certificate_serial.format": Text(
        "Số phát hành Giấy chứng nhận gồm 2 chữ hoa và 8 chữ số (trước 2024: 6), ví dụ AA01234567.",
        "A certificate serial is two capitals and eight digits (six before 2024), for example AA01234567.",
    ),
    "parcel.outside_vietnam": Text(
        "Mã định danh thửa đất chỉ một điểm ngoài lãnh thổ Việt Nam.",
        "The parcel identifier names a point outside Vietnam.",
    ),
    "party.two_numbers": Text(
        "Một bên chỉ mang số định danh cá nhân hoặc mã số thuế, không mang cả hai.",
        "A party bears a personal id or a tax code, never both.",
    ),
    "verification_code.format": Text(
        "Mã tra cứu gồm {length} chữ cái và chữ số, ví dụ 7KQ3-M9XA-0T5D-E2RV.",
        "A verification code has {length} letters and digits, such as 7KQ3-M9XA-0T5D-E2RV.",
    ),
    "verification_code.check": Text(
        "Mã tra cứu có ký tự gõ sai; hãy so lại với giấy.",
        "A character of the verification code is mistyped; compare it with the paper.",
    ),
    "owner_id.format": Text(
        "Chủ sở hữu được ghi bằng số định danh cá nhân 12 chữ số hoặc mã số thuế 10 hay 13 chữ số.",
        "An owner is a personal id of 12 digits or a tax code of 10 or 13 digits.",
    ),
    "result_kind.unknown": Text(
        "Không có loại kết quả {kind}; xem GET /v1/results/kinds.",
        "There is no kind of result {kind}; see GET /v1/results/kinds.",
    ),
}

RULES: Final[Mapping[str, Text]] = {**PYDANTIC_RULES, **OWN_RULES}

_ANY_RULE: Final = Text("Giá trị không hợp lệ.", "The value is not valid.")
_ISO_DATE: Final = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")


class _Context(dict[str, Any]):
    """A context that shows an ellipsis for what is missing: a poor text is better than a crash."""

    def __missing__(self, key: str) -> str:
        return "…"


def refuse(rule: str, **context: str | int) -> PydanticCustomError:
    """Make the error to raise when a value breaks `rule`; a KeyError if the rule has no text.

    The error is a ValueError, so plain functions and pydantic validators can raise the same one.
    Its message is the English text, its `type` the rule, its `context` what the texts need.
    """
    return PydanticCustomError(rule, RULES[rule].en, dict(context) or None)


def explain(rule: str, context: Mapping[str, Any] | None = None) -> Text:
    """Say in both languages what is wrong with a value that broke `rule`.

    `rule` and `context` are the `type` and `ctx` of a pydantic error. A rule without a text of its
    own gets a general one. Vietnamese writes days as 30/06/2025 and joins choices with "hoặc". The texts
    are ready for `Text.render`: nothing is left to fill in, and braces that came with a value are doubled.
    """
    template = RULES.get(rule, _ANY_RULE)
    given = context or {}
    vietnamese = {key: _in_vietnamese(value) for key, value in given.items()}
    return Text(_filled(template.vi, vietnamese), _filled(template.en, given))


def _filled(template: str, context: Mapping[str, Any]) -> str:
    return template.format_map(_Context(context)).replace("{", "{{").replace("}", "}}")


def _in_vietnamese(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return _ISO_DATE.sub(r"\3/\2/\1", value).replace(" or ", " hoặc ")
