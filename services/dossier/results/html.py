"""HTML in which every text is escaped: only what `tag` made is markup."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_EMPTY = {"meta", "link", "input", "img"}


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def tag(element: str, /, *children: object, **attributes: str | bool | None) -> Markup:
    """An element. Attributes that are None or False are left out; `class_` is `class`, `aria_label` is
    `aria-label`. A child is text, markup, None, or several of these."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if element in _EMPTY:
        return Markup(f"<{element}{written}>")
    return Markup(f"<{element}{written}>{_inside(children)}</{element}>")


def _inside(children: Iterable[object]) -> str:
    parts: list[str] = []
    for child in children:
        if isinstance(child, Markup):
            parts.append(child)
        elif isinstance(child, str):
            parts.append(escape(child))
        elif isinstance(child, Iterable):
            parts.append(Markup(_inside(child)))
        elif child is not None:
            raise TypeError(f"{type(child).__name__} is no markup")
    return "".join(parts)
