"""Calls of the console to other processes in the name of an operator: the token says "the console, for her", and
holds no more than her role does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from contracts.problems import Language, Text
from services.bus.hub.hub import Hub
from services.bus.hub.operators.queries import Somebody
from services.bus.hub.operators.roles import SCOPES
from services.bus.kit import access_token
from services.bus.kit.http_errors import CallError, FaultyAnswerError, RefusedError
from services.bus.kit.ids import new_id
from services.bus.kit.service import Service

CONSOLE: Final = "console"
LIFETIME: Final = timedelta(minutes=5)
RENEW_BEFORE: Final = timedelta(minutes=1)
BUDGET_S: Final = 6.0
MOST_TOKENS: Final = 200
NOT_RUN: Final = Text("{process} không chạy ở đây", "{process} does not run here")
NO_ANSWER: Final = Text("{process} không trả lời", "{process} does not answer")


class RemoteError(Exception):
    """What another process said no to, or that it did not answer. `final`: asking again brings the same."""

    def __init__(self, text: str, *, status: int | None = None, final: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.final = final


class Remote:
    """One for the console; it is the only way to other processes."""

    def __init__(self, service: Service, hub: Hub) -> None:
        self._service = service
        self._hub = hub
        self._tokens: dict[tuple[str, str], tuple[str, datetime]] = {}

    @property
    def processes(self) -> list[str]:
        """Which there are."""
        return list(self._hub.settings.observed)

    def address(self, process: str) -> str:
        """Of a process; empty if it is not known here."""
        return self._hub.settings.observed.get(process, "")

    async def get(self, by: Somebody, process: str, path: str, language: Language = "vi", **params: Any) -> Any:
        """The JSON of an answer. Raises RemoteError."""
        wanted = {name.rstrip("_"): value for name, value in params.items() if value is not None}
        answer = await self._call("GET", by, process, path, language, params=wanted)
        return answer.json()

    async def post(
        self, by: Somebody, process: str, path: str, language: Language = "vi", body: Any = None
    ) -> Any:
        """The same for something that changes; repeating it is harmless, it carries a key. Raises RemoteError."""
        answer = await self._call("POST", by, process, path, language, json=body, key=new_id())
        return answer.json() if answer.content else None

    async def _call(
        self,
        method: str,
        by: Somebody,
        process: str,
        path: str,
        language: Language,
        *,
        params: dict[str, Any] | None = None,
        json: Any = None,
        key: str | None = None,
    ) -> httpx.Response:
        address = self.address(process)
        if not address:
            raise RemoteError(NOT_RUN.in_(language).format(process=process), final=True)
        headers = {"Authorization": f"Bearer {self._token(by)}", "Accept-Language": language}
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            return await self._service.http.request(
                method,
                f"{address}{path}",
                params=params or {},
                json=json,
                headers=headers,
                budget=BUDGET_S,
            )
        except (RefusedError, FaultyAnswerError) as error:
            raise RemoteError(
                _reason(error.response) or str(error.status),
                status=error.status,
                final=isinstance(error, RefusedError),
            ) from error
        except CallError as error:
            raise RemoteError(NO_ANSWER.in_(language).format(process=process)) from error

    def _token(self, by: Somebody) -> str:
        now = self._service.clock.now()
        known = self._tokens.get((by.who, by.role))
        if known is not None and known[1] - RENEW_BEFORE > now:
            return known[0]
        if len(self._tokens) >= MOST_TOKENS:
            self._tokens.clear()
        signed = access_token.sign(
            self._hub.ring.active,
            issuer=self._hub.settings.issuer,
            client_id=CONSOLE,
            subject=f"operator:{by.who}",
            scopes=SCOPES[by.role],
            now=now,
            lifetime=LIFETIME,
        )
        self._tokens[by.who, by.role] = (signed, now + LIFETIME)
        return signed


def _reason(answer: httpx.Response) -> str:
    """What a problem says, with the fields it names."""
    try:
        problem = answer.json()
        said = str(problem.get("detail") or problem.get("title") or "")
        fields = [f"{each['field']}: {each['detail']}" for each in problem.get("errors") or ()]
    except (ValueError, AttributeError, KeyError, TypeError):
        return ""
    return " ".join([said, *(each for each in fields if said not in each)])
