"""The e-form (tờ khai điện tử) of a procedure on the portal: checked by its JSON Schema before it is taken.

The province checks it again, by the same schema; asking here spares the citizen a refusal a minute later.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from contracts.catalogue.form_schemas import form_schema
from contracts.problems import FORM_INVALID, FieldError, Problem, Text

MAX_ERRORS = 50

_TEXTS = {
    "required": Text("Thiếu mục bắt buộc.", "This is required."),
    "minLength": Text("Chưa đủ dài.", "This is too short."),
    "maxLength": Text("Quá dài.", "This is too long."),
    "enum": Text("Hãy chọn một trong các giá trị.", "Choose one of the values."),
    "format": Text("Không đúng định dạng.", "The format is not right."),
    "pattern": Text("Không đúng mẫu.", "This does not match the pattern."),
    "type": Text("Không đúng kiểu dữ liệu.", "This is of the wrong type."),
    "minimum": Text("Quá nhỏ.", "This is too small."),
    "maximum": Text("Quá lớn.", "This is too large."),
    "minItems": Text("Cần ít nhất một dòng.", "At least one line is needed."),
    "additionalProperties": Text("Có mục không thuộc tờ khai.", "There is a field the form does not have."),
}
_ANY = Text("Không đúng quy tắc của tờ khai.", "This breaks a rule of the form.")


@cache
def _validator(procedure_code: str) -> Draft202012Validator:
    return Draft202012Validator(form_schema(procedure_code), format_checker=FormatChecker())


def check_form(procedure_code: str, form: dict[str, Any]) -> None:
    """Raise Problem FORM_INVALID naming every field of `form` that breaks the procedure's schema."""
    found = islice(_validator(procedure_code).iter_errors(form), MAX_ERRORS)
    errors = [each for error in found for each in _field_errors(error)]
    if errors:
        raise Problem(FORM_INVALID, errors=errors, procedure=procedure_code, count=len(errors))


def _field_errors(error: ValidationError) -> Iterable[FieldError]:
    """One error a field; jsonschema reports what is missing at the object it is missing from."""
    rule = str(error.validator)
    text = _TEXTS.get(rule, _ANY)
    path = _path(error.absolute_path)
    if rule == "required":
        present = error.instance if isinstance(error.instance, dict) else {}
        wanted = error.validator_value if isinstance(error.validator_value, list) else []
        missing = [name for name in wanted if name not in present and repr(name) in error.message]
        yield from (FieldError(f"{path}.{name}", f"form.{rule}", text) for name in missing)
        return
    yield FieldError(path, f"form.{rule}", text)


def _path(parts: Iterable[Any]) -> str:
    return "body.form" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
