"""Building HTML that is escaped unless it says otherwise: whatever is not `Html` already becomes text.

el("p", {"class": "note"}, "Chào ", el("b", {}, name))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

Attributes = Mapping[str, str | int | bool | None]

_VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "path", "circle", "rect"})


class Html(str):
    """Markup that is safe to send as it is."""

    __slots__ = ()


def el(name: str, attributes: Attributes | None = None, *children: object) -> Html:
    """An element. Attributes that are None or False are left out, True ones stand without a value; children
    may be nested lists, and None is nothing."""
    written = "".join(_attribute(key, value) for key, value in (attributes or {}).items())
    if name in _VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: object) -> Html:
    """Children one after another, without an element around them."""
    return Html("".join(_markup(child) for child in children))


def _attribute(name: str, value: str | int | bool | None) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    return f' {name}="{escape(str(value))}"'


def _markup(child: object) -> str:
    if child is None or child is False:
        return ""
    if isinstance(child, Html):
        return child
    if isinstance(child, str | int):
        return escape(str(child))
    if isinstance(child, Iterable):
        return join(*child)
    raise TypeError(f"{type(child).__name__} is no markup")
