"""What is wrong with a line of an import, beyond the rules of its fields."""

from __future__ import annotations

from typing import Final

from contracts.problems import Text

TEXTS: Final = {
    "already-exists": Text("Số này đã có.", "This number is taken."),
    "import.header": Text(
        "Dòng đầu phải là tên cột, mỗi tên một lần; bắt buộc có: {required}.",
        "The first line has to name the columns, each once; needed are: {required}.",
    ),
    "import.encoding": Text("Dòng không phải UTF-8 (byte {byte}).", "The line is not UTF-8 (byte {byte})."),
    "import.control_character": Text("Dòng chứa ký tự điều khiển.", "The line holds a control character."),
    "import.json": Text("Dòng không phải JSON (byte {byte}).", "The line is not JSON (byte {byte})."),
    "import.columns": Text("Dòng có {found} cột, phải là {wanted}.", "{found} columns, not {wanted}."),
    "import.quote": Text("Dấu nháy kép không khép.", "A quotation mark is left open."),
    "import.line_too_long": Text("Dòng quá dài.", "The line is too long."),
    "import.truncated": Text(
        "Dòng cuối không kết thúc bằng ký tự xuống dòng: có thể đã bị cắt.",
        "The last line has no line feed at its end: it may have been cut off.",
    ),
}
"""By rule."""
