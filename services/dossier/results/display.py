"""What stands on a result, as people read it: labels and values, in the order of its kind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from contracts.catalogue.result_kinds import Label, ResultField, result_kind, result_kinds
from contracts.problems import Language, Text
from contracts.times import to_vn

SEXES = {"male": Text("Nam", "Male"), "female": Text("Nữ", "Female")}
YES_NO = {True: Text("Có", "Yes"), False: Text("Không", "No")}

_DAY = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def lines(kind: str, content: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    """Label and value of each field that has one. A value of several lines holds line feeds."""
    shown = (
        (field.label.text.in_(language), _value(field, content, language)) for field in result_kind(kind).fields
    )
    return [(label, plain(value)) for label, value in shown if value]


def plain(text: str) -> str:
    """Without characters that are not seen: some turn the direction of what follows, and so its meaning."""
    return "".join(each for each in text if each == "\n" or unicodedata.category(each) not in ("Cc", "Cf", "Cs"))


def day(value: Any) -> str:
    """A date as it is written in Vietnam; a year or a month as far as it goes; other text as it is."""
    match = _DAY.match(str(value))
    return "/".join(part for part in reversed(match.groups()) if part) if match else str(value)


def moment(value: Any, language: Language) -> str:
    """A time with its day, on a Vietnamese clock; a bare date as a date."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return day(value)
    if "T" not in str(value):
        return day(value)
    local = to_vn(at) if at.tzinfo is not None else at
    if language == "vi":
        return f"{local:%H giờ %M phút, ngày %d/%m/%Y}"
    return f"{local:%d/%m/%Y, %H:%M}"


def _value(field: ResultField, content: Mapping[str, Any], language: Language) -> str:
    value = content.get(field.name)
    if value is None or value == "":
        return ""
    match field.format:
        case "date":
            return _day_of(value)
        case "datetime":
            return moment(value, language)
        case "money":
            return f"{_grouped(value, language)} {'đồng' if language == 'vi' else 'VND'}"
        case "integer" | "area":
            return _grouped(value, language)
        case "sex":
            return _word(SEXES, value, language)
        case "choice":
            label = field.values.get(str(value))
            return label.text.in_(language) if label is not None else str(value)
        case "record":
            return "\n".join(_entries(value, language))
    return _text(value, language)


def _day_of(value: Any) -> str:
    """The Vietnamese day of a moment, or the date as it is."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return day(value)
    return day(to_vn(at).date() if "T" in str(value) and at.tzinfo is not None else value)


def _grouped(value: Any, language: Language) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.4f}".rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,")) if language == "vi" else text


def _word(words: Mapping[str, Text], value: Any, language: Language) -> str:
    word = words.get(str(value))
    return word.in_(language) if word is not None else str(value)


def _text(value: Any, language: Language) -> str:
    if isinstance(value, bool):
        return YES_NO[value].in_(language)
    if isinstance(value, list):
        return "\n".join(_text(each, language) for each in value)
    if isinstance(value, Mapping):
        return ", ".join(_text(each, language) for each in value.values() if each not in (None, ""))
    return str(value)


def _entries(value: Any, language: Language, prefix: str = "") -> Iterator[str]:
    """A record's own fields, one a line; groups are named before theirs."""
    if not isinstance(value, Mapping):
        yield _text(value, language)
        return
    for name, each in value.items():
        label = _known_labels().get(name)
        shown = label.text.in_(language) if label is not None else str(name).replace("_", " ")
        if isinstance(each, Mapping):
            yield from _entries(each, language, f"{prefix}{shown} · ")
        elif each not in (None, "", []):
            yield f"{prefix}{shown}: {_guessed(each, language)}"


def _guessed(value: Any, language: Language) -> str:
    """A value whose format nobody stated."""
    if isinstance(value, str) and value in SEXES:
        return SEXES[value].in_(language)
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}(T.*)?", value):
        return moment(value, language)
    return _text(value, language).replace("\n", "; ")


@cache
def _known_labels() -> Mapping[str, Label]:
    """What fields of any kind are called; the first kind that has one names it."""
    found: dict[str, Label] = {}
    for kind in result_kinds():
        for field in kind.fields:
            found.setdefault(field.name, field.label)
    return found
