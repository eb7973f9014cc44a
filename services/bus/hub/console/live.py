"""Markup that changes in place when the server says so."""

from __future__ import annotations

from nicegui.element import Element

from services.bus.kit.html import Html


class Live(Element, component="live.js"):
    """Shows `Html`, which was escaped when it was made. New markup is sent only if it differs."""

    def __init__(self, content: Html, *, tag: str = "div") -> None:
        super().__init__()
        self._props["tag"] = tag
        self._props["content"] = content

    def show(self, content: Html) -> None:
        """Change it."""
        if self._props["content"] != content:
            self._props["content"] = content
            self.update()
