"""The app of a service, with what stands in front of the framework.

FastAPI puts a stack of its own around every middleware one adds, which on a busy route costs as much as the
route. What is put in front here is plain ASGI, sees a request before any of that, and may answer it.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send


class AxisApp(FastAPI):
    """FastAPI behind whatever `put_in_front` was given, the last one outermost."""

    _front: ASGIApp | None = None

    def put_in_front(self, layer: Callable[[ASGIApp], ASGIApp]) -> None:
        """Let every HTTP request go through `layer(what is behind it)`."""
        self._front = layer(self._front or super().__call__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._front is None or scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        await self._front(scope, receive, send)
