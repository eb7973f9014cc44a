"""What operators do: judged by the role they have now, written down before it is done, and again when it is
over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog

from contracts.problems import Language, Problem, Text
from services.bus.hub.console.remote import Remote, RemoteError
from services.bus.hub.console.sessions import Sessions
from services.bus.hub.operators import commands
from services.bus.hub.operators.models import DONE, FAILED, REFUSED
from services.bus.hub.operators.queries import Somebody
from services.bus.hub.operators.roles import Role, holds
from services.bus.kit.ids import new_id
from services.bus.kit.service import Service

log = structlog.get_logger(__name__)

NO_SESSION: Final = Text("Phiên làm việc đã hết. Hãy đăng nhập lại.", "Your session has ended. Sign in again.")
NOT_YOURS: Final = Text(
    "Vai trò của bạn chỉ được xem; thao tác này cần vai trò người vận hành.",
    "Your role only looks; this needs the role of an operator.",
)
SHORTEST_REASON: Final = 5
REASON_NEEDED: Final = Text("Hãy nêu lý do, ít nhất năm ký tự.", "Give a reason, five characters at least.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an action ended, in words; `answer` is what the other process said."""

    done: bool
    text: str
    answer: Any = None


Call = Callable[[Remote, Somebody], Awaitable[Any]]


class Desk:
    """The one way to change anything from the console."""

    def __init__(self, service: Service, sessions: Sessions, remote: Remote) -> None:
        self._service = service
        self._sessions = sessions
        self._remote = remote

    async def act(
        self,
        somebody: Somebody,
        what: str,
        target: str,
        call: Call,
        *,
        language: Language,
        needs: Role = "operator",
        reason: str | None = None,
    ) -> Outcome:
        """Have `call` done in the name of this operator. Never raises: whoever clicked is told."""
        by = await self._sessions.of(somebody.id_hash, used=True)
        if by is None:
            return Outcome(False, NO_SESSION.in_(language))
        id, store = new_id(), self._service.store
        begun = self._service.clock.now()
        await store.write(lambda tx: commands.begin_action(tx, id, by, what, target, reason=reason, now=begun))
        if not holds(by.role, needs):
            outcome, kind = Outcome(False, NOT_YOURS.in_(language)), REFUSED
        else:
            outcome, kind = await self._done(call, by)
        ended = self._service.clock.now()
        said = None if outcome.done else outcome.text[:2000]
        await store.write(lambda tx: commands.end_action(tx, id, kind, said, ended))
        log.warning("console.action", what=what, by=by.who, outcome=kind)
        return outcome

    async def _done(self, call: Call, by: Somebody) -> tuple[Outcome, str]:
        try:
            return Outcome(True, "", await call(self._remote, by)), DONE
        except RemoteError as error:
            return Outcome(False, str(error)), REFUSED if error.final else FAILED
        except Problem as problem:
            return Outcome(False, str(problem)), REFUSED
