"""The e-form as fields of a page: drawn from the procedure's JSON Schema, and read back into its JSON.

Only what schemas of forms use is drawn: text, choices, yes or no, numbers, dates, lists of text or of groups, and
groups of these.
A field's name is its path in the form, `form.mother.full_name`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from contracts.catalogue.form_schemas import ANY_FORM, form_schema
from contracts.catalogue.form_words import form_words
from contracts.problems import Language, Text
from contracts.times import VN
from gateway.portal.web import texts
from gateway.portal.web.texts import say
from services.bus.kit.html import Attributes, Html, el

BAR = "|"
CONTENT = "content"
"""The one field of a procedure whose schema leaves its form open."""

Errors = Mapping[str, str]
Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """A field to draw: where it belongs in the form, what it is called (and its group), its own schema."""

    path: tuple[str, ...]
    group: str
    label: str
    schema: Mapping[str, Any]
    required: bool

    @property
    def name(self) -> str:
        return ".".join(("form", *self.path))


def fields_of(procedure_code: str, language: Language) -> list[Field]:
    """The fields of a procedure's form, groups flattened, in the order of the schema."""
    schema = form_schema(procedure_code)
    if schema is ANY_FORM:
        label = say(texts.FORM_CONTENT, language)
        return [Field((CONTENT,), "", label, {"type": "string", "maxLength": 2000, "long": True}, False)]
    return list(_fields(schema, schema, (), "", True, language))


def read_form(procedure_code: str, values: Values) -> dict[str, Any]:
    """What was entered, as the form's JSON: empty fields are left out, numbers and times take their type.
    What does not fit its type is left as it was typed, for the schema to refuse by name."""
    form: dict[str, Any] = {}
    for each in fields_of(procedure_code, "vi"):
        text = values.get(each.name, "").strip()
        if not text:
            continue
        at = form
        for part in each.path[:-1]:
            at = at.setdefault(part, {})
        at[each.path[-1]] = _read(each.schema, text)
    return form


def draw(field: Field, values: Values, errors: Errors, language: Language) -> Html:
    """A labelled field of the e-form, with what was entered and what is wrong with it."""
    value = values.get(field.name, "")
    schema = field.schema
    listed = schema.get("type") == "array"
    label = Label(
        field.name,
        field.label,
        field.required,
        hint=_hint(schema, language) if listed else None,
        error=errors.get(field.name),
        wide=listed or bool(schema.get("long")),
    )
    choices = ["true", "false"] if schema.get("type") == "boolean" else schema.get("enum")
    if choices is not None:
        return labelled(label, language, "select", None, *_options(choices, value, language))
    if label.wide:
        return labelled(label, language, "textarea", {"rows": 3}, value)
    kind = {"date-time": "datetime-local", "date": "date"}.get(schema.get("format", ""), "text")
    attributes: Attributes = {
        "type": kind,
        "value": value,
        "inputmode": "numeric" if schema.get("type") == "integer" else None,
        "maxlength": schema.get("maxLength"),
        "autocomplete": "off",
    }
    return labelled(label, language, "input", attributes)


def _hint(schema: Mapping[str, Any], language: Language) -> str:
    """How a list is entered: one a line, and what goes into each."""
    columns = schema.get("items", {}).get("properties", {})
    names = f" {BAR} ".join(each.get("title") or _word(name, language) for name, each in columns.items())
    return f"{say(texts.ONE_A_LINE, language)}: {names}" if names else say(texts.ONE_A_LINE, language)


@dataclass(frozen=True, slots=True)
class Label:
    """What stands around a control. `wide` ones take a whole row."""

    name: str
    text: str
    required: bool
    hint: str | None = None
    error: str | None = None
    wide: bool = False


def labelled(
    label: Label, language: Language, control: str, attributes: Attributes | None, *children: object
) -> Html:
    """A control (an element's name, its attributes and children) under its label, hint and error."""
    optional = f" ({say(texts.OPTIONAL, language)})"
    told = f"{label.name}-told"
    return el(
        "div",
        {"class": " ".join(("field", "wrong" * bool(label.error), "wide" * label.wide)).strip()},
        el(
            "label",
            {"for": label.name},
            label.text,
            None if label.required else el("span", {"class": "optional"}, optional),
        ),
        el("p", {"class": "hint"}, label.hint) if label.hint else None,
        el("p", {"class": "error", "id": told}, label.error) if label.error else None,
        el(
            control,
            {
                "id": label.name,
                "name": label.name,
                "required": label.required,
                "aria-invalid": "true" if label.error else None,
                "aria-describedby": told if label.error else None,
                **(attributes or {}),
            },
            *children,
        ),
    )


def _fields(
    schema: Mapping[str, Any],
    root: Mapping[str, Any],
    path: tuple[str, ...],
    group: str,
    group_required: bool,
    language: Language,
) -> Iterator[Field]:
    wanted = set(schema.get("required", ()))
    for name, described in schema.get("properties", {}).items():
        resolved = _resolved(described, root)
        title = described.get("title") or resolved.get("title") or _word(name, language)
        here = (*path, name)
        required = group_required and name in wanted
        if resolved.get("type") == "object":
            yield from _fields(resolved, root, here, title, required, language)
        else:
            yield Field(here, group, title, resolved, required)


def _resolved(described: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = described.get("$ref", "")
    if not reference.startswith("#/$defs/"):
        return described
    found: Mapping[str, Any] = root["$defs"][reference.removeprefix("#/$defs/")]
    return found


def _read(schema: Mapping[str, Any], text: str) -> Any:
    if "enum" in schema:
        return next((value for value in schema["enum"] if str(value) == text), text)
    if schema.get("type") == "integer":
        digits = text.replace(".", "").replace(" ", "")
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else text
    if schema.get("type") == "number":
        return _number(text)
    if schema.get("type") == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if schema.get("type") == "array":
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        columns = list(schema.get("items", {}).get("properties", {}))
        return [_row(columns, line) for line in lines] if columns else lines
    if schema.get("format") == "date-time":
        try:
            return datetime.fromisoformat(text).replace(tzinfo=VN).isoformat()
        except ValueError:
            return text
    return text


def _number(text: str) -> Any:
    """A decimal number as Vietnamese write it (1.234,5) or as machines do (1234.5); else the text."""
    plain = text.replace(" ", "")
    if "," in plain:
        plain = plain.replace(".", "").replace(",", ".")
    try:
        value = Decimal(plain)
    except InvalidOperation:
        return text
    return float(value) if value.is_finite() else text


def _row(columns: list[str], line: str) -> dict[str, str]:
    """One line of a list of groups: its fields in the schema's order, a bar between them."""
    cells = [cell.strip() for cell in line.split(BAR)]
    return {name: cell for name, cell in zip(columns, cells, strict=False) if cell}


def _options(values: list[Any], chosen: str, language: Language) -> Iterator[Html]:
    yield nothing_chosen(language)
    for value in map(str, values):
        yield el("option", {"value": value, "selected": value == chosen}, _word(value, language))


def nothing_chosen(language: Language) -> Html:
    """The first option of every choice."""
    return el("option", {"value": ""}, say(texts.CHOOSE, language))


def _word(value: str, language: Language) -> str:
    return say(form_words().get(value, Text(value, value)), language)
