"""What operators act with: buttons and fields, and a line that says how it ended. Native elements with our own
looks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import background_tasks, ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from services.bus.hub.console.desk import REASON_NEEDED, SHORTEST_REASON, Call, Outcome
from services.bus.hub.console.live import Live
from services.bus.hub.console.pages.frame import Reader
from services.bus.hub.words import common
from services.bus.kit.html import Html, el

Handler = Callable[[], Awaitable[None]]
NOTHING = Html("")


class Button(TextElement):
    """A native button. While it works it cannot be pressed again."""

    def __init__(self, text: str, handler: Handler, *, kind: str = "") -> None:
        super().__init__(tag="button", text=text)
        self.props("type=button").classes(f"button {kind}")
        self._handler = handler
        self.on("click", self._pressed, [])

    async def _pressed(self) -> None:
        if self._props.get("disabled"):
            return
        self._props["disabled"] = True
        self.update()
        try:
            await self._handler()
        finally:
            if not self.is_deleted:
                self._props.pop("disabled", None)
                self.update()


class Entry(Element):
    """A labelled native field of text. Within a `label` element."""

    def __init__(self, label: str, *, tag: str = "input", longest: int = 500, text: str = "") -> None:
        with ui.element("label").classes("field"):
            Live(el("span", None, label), tag="span")
            super().__init__(tag)
        self.value = text
        self._props["maxlength"] = longest
        if text:
            self._props["value"] = text
        self.on("input", self._typed, js_handler="(event) => emit(event.target.value)")

    def _typed(self, event: Any) -> None:
        self.value = str(event.args)


class Said(Live):
    """How the last action ended; read out by a screen reader."""

    def __init__(self) -> None:
        super().__init__(NOTHING)
        self.props("role=status aria-live=polite")

    def good(self, text: str) -> None:
        self.show(el("p", {"class": "note good"}, f"✓ {text}"))

    def bad(self, text: str) -> None:
        self.show(el("p", {"class": "alert"}, f"✕ {text}"))


def doing(
    reader: Reader,
    said: Said,
    what: str,
    target: str,
    call: Call,
    *,
    told: Callable[[Any], str],
    reason: Entry | None = None,
    after: Handler | None = None,
) -> Handler:
    """A handler that has `call` done in the reader's name and says how it ended. `told` words its answer."""

    async def act() -> None:
        why = reason.value.strip() if reason is not None else None
        if why is not None and len(why) < SHORTEST_REASON:
            said.bad(REASON_NEEDED.in_(reader.language))
            return
        outcome: Outcome = await reader.console.desk.act(
            reader.somebody, what, target, call, language=reader.language, reason=why
        )
        if outcome.done:
            said.good(told(outcome.answer))
        else:
            said.bad(reader.say(common.REFUSED, why=outcome.text))
        reader.console.snapshots.look_again()
        if outcome.done and after is not None:
            await after()

    return act


def later(work: Awaitable[None], name: str) -> None:
    """Run something beside the page."""
    background_tasks.create(work, name=name)
