"""What a browser says of its user: language and theme, from cookies; a posted form; where it comes from."""

from __future__ import annotations

import unicodedata
from typing import Final, Literal, cast
from urllib.parse import parse_qsl

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from contracts.problems import MALFORMED_BODY, Language, Problem
from services.bus.kit.errors import language_of

LANGUAGE_COOKIE: Final = "lang"
THEME_COOKIE: Final = "truc_theme"
SEEN_COOKIE: Final = "truc_scheme"
"""Whether the screen was dark when the browser last looked: charts are drawn here, not there."""
MAX_FIELDS: Final = 60
YEAR_S: Final = 31_536_000

Theme = Literal["auto", "light", "dark"]


def language_for(connection: HTTPConnection) -> Language:
    """The language asked for, else the one remembered, else the one the browser prefers."""
    for said in (connection.query_params.get("lang"), connection.cookies.get(LANGUAGE_COOKIE)):
        if said in ("vi", "en"):
            return cast("Language", said)
    return language_of(cast("Request", connection))


def theme_of(connection: HTTPConnection) -> Theme:
    said = connection.cookies.get(THEME_COOKIE)
    return cast("Theme", said) if said in ("light", "dark") else "auto"


def is_dark(connection: HTTPConnection) -> bool:
    """Whether pages are shown dark now, as far as is known here."""
    theme = theme_of(connection)
    return theme == "dark" or (theme == "auto" and connection.cookies.get(SEEN_COOKIE) == "dark")


def is_https(connection: HTTPConnection) -> bool:
    return connection.url.scheme in ("https", "wss")


def remember_language(request: Request, response: Response) -> None:
    """A language that was asked for is remembered."""
    asked = request.query_params.get("lang")
    if asked in ("vi", "en"):
        response.set_cookie(
            LANGUAGE_COOKIE, asked, max_age=YEAR_S, httponly=True, samesite="lax", secure=is_https(request)
        )


async def posted(request: Request) -> dict[str, str]:
    """The fields of a posted form; Problem MALFORMED_BODY if it is none."""
    try:
        pairs = parse_qsl(
            (await request.body()).decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise Problem(MALFORMED_BODY, reason="application/x-www-form-urlencoded") from None
    values = {name: unicodedata.normalize("NFC", value) for name, value in pairs}
    if any("\x00" in value for value in values.values()):
        raise Problem(MALFORMED_BODY, reason="U+0000")
    return values
