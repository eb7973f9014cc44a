"""The e-form (tờ khai điện tử) of a procedure on the portal: checked by its JSON Schema before it is taken.

The province checks it again, by the same schema; asking here spares the citizen a refusal a minute later.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from contracts.catalogue.form_schemas import form_schema
from contracts.problems import FORM_INVALID, Problem
from services.bus.kit.json_schemas import field_errors, validator_of


@cache
def _validator(procedure_code: str) -> Draft202012Validator:
    return validator_of(form_schema(procedure_code))


def check_form(procedure_code: str, form: dict[str, Any]) -> None:
    """Raise Problem FORM_INVALID naming every field of `form` that breaks the procedure's schema."""
    errors = field_errors(_validator(procedure_code), form, at="body.form", rules="form")
    if errors:
        raise Problem(FORM_INVALID, errors=errors, procedure=procedure_code, count=len(errors))
