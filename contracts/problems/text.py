"""A message in the two languages the axis speaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

Language = Literal["vi", "en"]


class Text(NamedTuple):
    """One message: `str.format` templates, whose parameters may be messages themselves."""

    vi: str
    en: str

    def render(self, language: Language, params: Mapping[str, Any]) -> str:
        """The message in this language. A sentence that begins with a thing's name begins with a capital."""
        template = self.in_(language)
        told = _Params(params)
        for name, value in params.items():
            if isinstance(value, Text):
                told[name] = value.in_(language).format_map(told)
        if template.startswith("{what}") and "what" in told:
            told["what"] = told["what"][:1].upper() + told["what"][1:]
        return template.format_map(told)

    def in_(self, language: Language) -> str:
        """The template in this language."""
        return self.vi if language == "vi" else self.en


class _Params(dict[str, Any]):
    """Formats a missing parameter as its own name: an error message must never fail itself."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"
