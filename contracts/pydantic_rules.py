"""The error types of pydantic that a JSON API can produce, each in Vietnamese and English.

pydantic speaks English only, and about Python types; these say the same to somebody who sends JSON.
The keys and the names in braces are pydantic's own; a test compares them with the installed version.
"""

from collections.abc import Mapping
from typing import Final

from contracts.problems import Text

PYDANTIC_RULES: Final[Mapping[str, Text]] = {
    "missing": Text("Thiếu trường bắt buộc.", "This field is required."),
    "extra_forbidden": Text("Trường này không được phép.", "This field is not known here."),
    "frozen_field": Text("Trường này không được thay đổi.", "This field cannot be changed."),
    "json_invalid": Text("Nội dung không phải JSON hợp lệ.", "The body is not valid JSON: {error}"),
    "json_type": Text("Giá trị phải là chuỗi JSON.", "The value has to be a JSON string."),
    "recursion_loop": Text("Dữ liệu tự tham chiếu.", "The data refers to itself."),
    "recursion_depth_exceeded": Text("Dữ liệu lồng nhau quá sâu.", "The data is nested too deeply."),
    "invalid_key": Text("Tên trường phải là chuỗi.", "Field names have to be strings."),
    "model_type": Text("Giá trị phải là một đối tượng.", "The value has to be an object."),
    "model_attributes_type": Text("Giá trị phải là một đối tượng.", "The value has to be an object."),
    "dataclass_type": Text("Giá trị phải là một đối tượng.", "The value has to be an object."),
    "dict_type": Text("Giá trị phải là một đối tượng.", "The value has to be an object."),
    "mapping_type": Text("Giá trị phải là một đối tượng.", "The value has to be an object."),
    "list_type": Text("Giá trị phải là một danh sách.", "The value has to be a list."),
    "tuple_type": Text("Giá trị phải là một danh sách.", "The value has to be a list."),
    "set_type": Text("Giá trị phải là một danh sách.", "The value has to be a list."),
    "frozen_set_type": Text("Giá trị phải là một danh sách.", "The value has to be a list."),
    "iterable_type": Text("Giá trị phải là một danh sách.", "The value has to be a list."),
    "too_short": Text("Cần ít nhất {min_length} phần tử.", "At least {min_length} items are needed."),
    "too_long": Text("Nhiều nhất {max_length} phần tử.", "At most {max_length} items are allowed."),
    "none_required": Text("Giá trị phải là null.", "The value has to be null."),
    "string_type": Text("Giá trị phải là chuỗi ký tự.", "The value has to be a string."),
    "string_unicode": Text("Chuỗi không phải UTF-8 hợp lệ.", "The string is not valid UTF-8."),
    "string_too_short": Text(
        "Chuỗi phải có ít nhất {min_length} ký tự.",
        "The string needs at least {min_length} characters.",
    ),
    "string_too_long": Text(
        "Chuỗi có nhiều nhất {max_length} ký tự.",
        "The string may have at most {max_length} characters.",
    ),
    "string_pattern_mismatch": Text(
        "Chuỗi không đúng mẫu {pattern}.",
        "The string does not match the pattern {pattern}.",
    ),
    "bytes_type": Text("Giá trị phải là chuỗi byte.", "The value has to be a byte string."),
    "bytes_too_short": Text("Cần ít nhất {min_length} byte.", "At least {min_length} bytes are needed."),
    "bytes_too_long": Text("Nhiều nhất {max_length} byte.", "At most {max_length} bytes are allowed."),
    "bytes_invalid_encoding": Text(
        "Dữ liệu không đúng mã hóa {encoding}.",
        "The data is not valid {encoding}.",
    ),
    "bool_type": Text("Giá trị phải là true hoặc false.", "The value has to be true or false."),
    "bool_parsing": Text("Giá trị phải là true hoặc false.", "The value has to be true or false."),
    "int_type": Text("Giá trị phải là số nguyên.", "The value has to be a whole number."),
    "int_parsing": Text("Giá trị phải là số nguyên.", "The value has to be a whole number."),
    "int_parsing_size": Text("Số quá lớn.", "The number is too large."),
    "int_from_float": Text("Giá trị phải là số nguyên.", "The value has to be a whole number."),
    "float_type": Text("Giá trị phải là số.", "The value has to be a number."),
    "float_parsing": Text("Giá trị phải là số.", "The value has to be a number."),
    "finite_number": Text("Giá trị phải là số hữu hạn.", "The value has to be a finite number."),
    "greater_than": Text("Giá trị phải lớn hơn {gt}.", "The value has to be greater than {gt}."),
    "greater_than_equal": Text("Giá trị phải từ {ge} trở lên.", "The value has to be {ge} or more."),
    "less_than": Text("Giá trị phải nhỏ hơn {lt}.", "The value has to be less than {lt}."),
    "less_than_equal": Text("Giá trị phải từ {le} trở xuống.", "The value has to be {le} or less."),
    "multiple_of": Text(
        "Giá trị phải là bội số của {multiple_of}.",
        "The value has to be a multiple of {multiple_of}.",
    ),
    "decimal_type": Text("Giá trị phải là số thập phân.", "The value has to be a decimal number."),
    "decimal_parsing": Text("Giá trị phải là số thập phân.", "The value has to be a decimal number."),
    "decimal_max_digits": Text(
        "Số có nhiều nhất {max_digits} chữ số.",
        "The number may have at most {max_digits} digits.",
    ),
    "decimal_max_places": Text(
        "Số có nhiều nhất {decimal_places} chữ số thập phân.",
        "The number may have at most {decimal_places} decimal places.",
    ),
    "decimal_whole_digits": Text(
        "Phần nguyên có nhiều nhất {whole_digits} chữ số.",
        "The whole part may have at most {whole_digits} digits.",
    ),
    "literal_error": Text("Giá trị phải là {expected}.", "The value has to be {expected}."),
    "enum": Text("Giá trị phải là {expected}.", "The value has to be {expected}."),
    "date_type": Text("Giá trị phải là ngày YYYY-MM-DD.", "The value has to be a date, YYYY-MM-DD."),
    "date_parsing": Text("Giá trị phải là ngày YYYY-MM-DD.", "The value has to be a date, YYYY-MM-DD."),
    "date_from_datetime_parsing": Text(
        "Giá trị phải là ngày có thật, dạng YYYY-MM-DD.",
        "The value has to be a real date, YYYY-MM-DD ({error}).",
    ),
    "date_from_datetime_inexact": Text(
        "Giá trị phải là ngày, không kèm giờ.",
        "The value has to be a date without a time.",
    ),
    "date_past": Text("Ngày phải ở trong quá khứ.", "The date has to be in the past."),
    "date_future": Text("Ngày phải ở trong tương lai.", "The date has to be in the future."),
    "time_type": Text("Giá trị phải là giờ.", "The value has to be a time of day."),
    "time_parsing": Text("Giá trị phải là giờ HH:MM:SS.", "The value has to be a time HH:MM:SS ({error})."),
    "datetime_type": Text("Giá trị phải là thời điểm RFC 3339.", "The value has to be an RFC 3339 time."),
    "datetime_parsing": Text(
        "Giá trị phải là thời điểm RFC 3339.",
        "The value has to be an RFC 3339 timestamp ({error}).",
    ),
    "datetime_object_invalid": Text(
        "Giá trị phải là thời điểm có thật.",
        "The value has to be a real point in time ({error}).",
    ),
    "datetime_from_date_parsing": Text(
        "Giá trị phải là thời điểm RFC 3339.",
        "The value has to be an RFC 3339 timestamp ({error}).",
    ),
    "datetime_past": Text("Thời điểm phải ở trong quá khứ.", "The time has to be in the past."),
    "datetime_future": Text("Thời điểm phải ở trong tương lai.", "The time has to be in the future."),
    "timezone_naive": Text("Thời điểm không được kèm múi giờ.", "The time must not carry a time zone."),
    "timezone_aware": Text("Thời điểm phải kèm múi giờ.", "The time has to carry a time zone."),
    "timezone_offset": Text(
        "Múi giờ phải lệch {tz_expected} giây so với UTC.",
        "The time zone has to be {tz_expected} seconds off UTC.",
    ),
    "time_delta_type": Text("Giá trị phải là khoảng thời gian.", "The value has to be a duration."),
    "time_delta_parsing": Text(
        "Giá trị phải là khoảng thời gian.",
        "The value has to be a duration ({error}).",
    ),
    "union_tag_invalid": Text(
        "Giá trị của {discriminator} phải là một trong: {expected_tags}.",
        "The value of {discriminator} has to be one of: {expected_tags}.",
    ),
    "union_tag_not_found": Text(
        "Thiếu {discriminator} để nhận biết loại dữ liệu.",
        "{discriminator} is needed to tell which kind of data this is.",
    ),
    "url_type": Text("Giá trị phải là một URL.", "The value has to be a URL."),
    "url_parsing": Text("Giá trị phải là một URL.", "The value has to be a URL ({error})."),
    "url_syntax_violation": Text("Giá trị phải là một URL.", "The value has to be a URL ({error})."),
    "url_too_long": Text("URL dài nhất {max_length} ký tự.", "The URL may have {max_length} characters."),
    "url_scheme": Text(
        "URL phải bắt đầu bằng {expected_schemes}.",
        "The URL has to use the scheme {expected_schemes}.",
    ),
    "uuid_type": Text("Giá trị phải là một UUID.", "The value has to be a UUID."),
    "uuid_parsing": Text("Giá trị phải là một UUID.", "The value has to be a UUID ({error})."),
    "uuid_version": Text(
        "Giá trị phải là UUID phiên bản {expected_version}.",
        "The value has to be a UUID of version {expected_version}.",
    ),
    "value_error": Text("Giá trị không hợp lệ.", "The value is not valid: {error}"),
    "assertion_error": Text("Giá trị không hợp lệ.", "The value is not valid: {error}"),
}
