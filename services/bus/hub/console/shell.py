"""NiceGUI, set up once a process: imported when somebody first comes to the console, and only then."""

from __future__ import annotations

from functools import cache

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import ui

from services.bus.hub.console import pages
from services.bus.hub.web.assets import STATIC


@cache
def shell() -> FastAPI:
    """An app with the pages in it; its lifespan is NiceGUI's."""
    pages.register()
    around = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    nicegui_app.config.socket_io_js_transports = ["websocket"]
    ui.run_with(
        around,
        title="Trục",
        favicon=STATIC / "emblem.svg",
        dark=None,
        language=None,
        tailwind=False,
        binding_refresh_interval=None,
        reconnect_timeout=5.0,
        message_history_length=100,
        show_welcome_message=False,
        gzip_middleware_factory=None,
    )
    return around
