"""JSON Schemas (draft 2020-12) as our problems speak of them: one error a field, with its path, rule and words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any, Final, Literal

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from contracts.problems import RESULTS_UNFIT, FieldError, Problem, Text
from contracts.tasks import task_kind

MAX_ERRORS: Final = 50

_TEXTS: Final = {
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
    "additionalProperties": Text("Có mục không thuộc lược đồ.", "There is a field the schema does not have."),
}
_ANY: Final = Text("Không đúng quy tắc của lược đồ.", "This breaks a rule of the schema.")
_FORMATS: Final = FormatChecker()


def validator_of(schema: Mapping[str, Any]) -> Draft202012Validator:
    """What checks values by this schema, formats included."""
    return Draft202012Validator(schema, format_checker=_FORMATS)


def field_errors(validator: Draft202012Validator, value: Any, *, at: str, rules: str) -> list[FieldError]:
    """What is wrong with `value`, the first `MAX_ERRORS` of it. `at` is where it stands, such as `body.form`;
    `rules` is put before the name of each rule, such as `form.required`."""
    found = islice(validator.iter_errors(value), MAX_ERRORS)
    return [each for error in found for each in _errors(error, at, rules)]


def _errors(error: ValidationError, at: str, rules: str) -> Iterator[FieldError]:
    """jsonschema reports what is missing at the object it is missing from, and each missing field by itself."""
    rule = str(error.validator)
    path = at + path_of(error.absolute_path)
    text = _TEXTS.get(rule, _ANY)
    if rule == "required" and isinstance(error.instance, dict) and isinstance(error.validator_value, list):
        missing = [name for name in error.validator_value if name not in error.instance]
        yield from (
            FieldError(f"{path}.{name}", f"{rules}.{rule}", text)
            for name in missing
            if repr(name) in error.message
        )
        return
    yield FieldError(path, f"{rules}.{rule}", text)


def path_of(parts: Iterable[Any]) -> str:
    """Where in a document: `.mother.name`, `.lines[3]`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)


@cache
def task_validator(kind: str, part: Literal["input", "results"]) -> Draft202012Validator:
    """What checks the input or the results of a kind of task."""
    found = task_kind(kind)
    return validator_of(found.input if part == "input" else found.results)


def check_results(kind: str, results: Mapping[str, Any]) -> None:
    """Raise RESULTS_UNFIT naming every field of `results` that breaks the schema of the task's kind."""
    errors = field_errors(task_validator(kind, "results"), results, at="body.results", rules="results")
    if errors:
        raise Problem(RESULTS_UNFIT, errors=errors, kind=kind, count=len(errors))
