"""Sessions of the console. The cookie is a random value of which only the hash is kept; the token that guards
forms is made of the cookie and so cannot be known to another page."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Final

from starlette.requests import HTTPConnection
from starlette.responses import Response

from services.bus.hub.console.oidc import Identity
from services.bus.hub.operators import commands, queries
from services.bus.hub.operators.models import OperatorSession
from services.bus.hub.operators.queries import Somebody
from services.bus.hub.provider.asking import digest
from services.bus.hub.settings import HubSettings
from services.bus.hub.web.browser import is_https
from services.bus.kit.service import Service

COOKIE: Final = "truc_console"
PATH: Final = "/console"
FORM_TOKEN: Final = "form_token"  # noqa: S105 - the name of a field
SEEN_EVERY: Final = timedelta(seconds=30)


def cookie_of(connection: HTTPConnection) -> str:
    return connection.cookies.get(COOKIE, "")


def form_token(cookie: str) -> str:
    """What a form of this session has to bring."""
    return hmac.new(cookie.encode(), b"form", hashlib.sha256).hexdigest()


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, service: Service, settings: HubSettings) -> None:
        self._service = service
        self._settings = settings

    async def begin(self, connection: HTTPConnection, identity: Identity, response: Response) -> None:
        """A session with a new cookie; whatever session the browser had ends."""
        cookie, now = secrets.token_urlsafe(32), self._service.clock.now()
        row = OperatorSession(
            id_hash=digest(cookie),
            issuer=identity.issuer,
            subject=identity.subject,
            username=identity.username,
            name=identity.name,
            role=identity.role,
            id_token=identity.id_token,
            created_at=now,
            seen_at=now,
            expires_at=now + self._settings.session_lifetime,
        )
        before = cookie_of(connection)
        replaced = digest(before) if before else None
        await self._service.store.write(lambda tx: commands.begin_session(tx, row, replaced))
        response.set_cookie(
            COOKIE,
            cookie,
            path=PATH,
            httponly=True,
            samesite="lax",
            secure=is_https(connection),
            max_age=self._settings.session_lifetime_s,
        )

    async def current(self, connection: HTTPConnection, *, used: bool = True) -> Somebody | None:
        """Who this is; `used`: and is doing something."""
        cookie = cookie_of(connection)
        if not cookie:
            return None
        return await self.of(digest(cookie), used=used)

    async def of(self, id_hash: str, *, used: bool) -> Somebody | None:
        """The same, of a session by its hash."""
        now = self._service.clock.now()
        found = await self._service.store.read(
            lambda tx: queries.somebody(
                tx, id_hash, own_issuer=self._settings.issuer, now=now, idle=self._settings.session_idle
            )
        )
        if found is not None and used and found.seen_at + SEEN_EVERY < now:
            await self._service.store.write(lambda tx: commands.note_seen(tx, id_hash, now))
        return found

    async def end(self, connection: HTTPConnection, response: Response) -> None:
        """The session is over, here and in the browser."""
        cookie = cookie_of(connection)
        if cookie:
            id_hash = digest(cookie)
            await self._service.store.write(lambda tx: commands.end_session(tx, id_hash))
        response.delete_cookie(COOKIE, path=PATH)
