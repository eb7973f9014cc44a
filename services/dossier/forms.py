"""E-form data against the procedure's JSON Schema: each error with the path of the field and its rule."""

from __future__ import annotations

from functools import cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from contracts.catalogue.form_schemas import ANY_FORM, form_schema
from contracts.problems import FORM_INVALID, FieldError, Problem, Text

MAX_ERRORS = 50


@cache
def _validator(procedure_code: str) -> Draft202012Validator | None:
    schema = form_schema(procedure_code)
    if schema is ANY_FORM:
        return None
    return Draft202012Validator(schema, format_checker=FormatChecker())


def check_form(procedure_code: str, form: dict[str, Any]) -> None:
    """Raise Problem FORM_INVALID naming every field of `form` that breaks the procedure's schema."""
    validator = _validator(procedure_code)
    if validator is None:
        if len(form) <= ANY_FORM["maxProperties"]:
            return
        validator = Draft202012Validator(ANY_FORM)
    errors = [
        FieldError(
            _path(error.absolute_path),
            f"form.{error.validator}",
            Text(
                f"Không đúng quy tắc {error.validator} của tờ khai",
                f"Breaks the form's rule {error.validator}",
            ),
        )
        for error in islice(validator.iter_errors(form), MAX_ERRORS)
    ]
    if errors:
        raise Problem(FORM_INVALID, errors=errors, procedure=procedure_code, count=len(errors))


def _path(parts: Any) -> str:
    return "body.form" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
