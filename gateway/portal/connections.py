"""Hanging up on a caller without an answer, as a failing network does.

ASGI has no word for it, so this reaches for the server's transport. Where there is none (a test client
without a socket) nothing happens, and the caller of this module answers instead.
"""

from __future__ import annotations

import asyncio

from starlette.types import Receive


async def drop_connection(receive: Receive) -> bool:
    """Abort the connection that `receive` reads from. False if there is none to abort."""
    # uvicorn's `receive` is a method of the request's cycle, which holds the transport
    cycle = getattr(receive, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if not isinstance(transport, asyncio.BaseTransport) and not hasattr(transport, "abort"):
        return False
    transport.abort()  # type: ignore[union-attr]
    await asyncio.sleep(0)  # let the server notice before it is handed an answer
    return True
