"""The e-form (tờ khai điện tử) of each procedure: a JSON Schema, one file a procedure in `forms/`.

A procedure without a file takes any object, an empty one included. The schemas are ours: fields after the
public forms' headings, all of it configuration.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).parent / "forms"
ANY_FORM: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "maxProperties": 200,
}


@cache
def form_schema(procedure_code: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of this procedure's form."""
    file = _FOLDER / f"{procedure_code}.json"
    if not file.is_file():
        return ANY_FORM
    schema: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return schema
