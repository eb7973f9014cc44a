"""How a command finds the axis that runs on a data folder and speaks to it as one of its members.

Reads what `truc up` wrote and asks the hub for tokens; never starts, stops or changes anything by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from deploy.local.errors import RunnerError
from deploy.local.layout import Layout
from deploy.local.secrets import Member, read_members
from deploy.local.state import RunState, read_state, running_pid
from deploy.local.topology import HUB

ONE_STOP = "one-stop"
RENEW_BEFORE_S = 30.0
TIMEOUT = httpx.Timeout(30.0, connect=2.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """The axis that runs on `layout`, as its state file described it when it was looked at."""

    layout: Layout
    state: RunState

    @classmethod
    def at(cls, layout: Layout) -> Axis:
        """Raises RunnerError when nothing runs there, or it is not ready yet."""
        state = read_state(layout) if running_pid(layout) is not None else None
        if state is None:
            raise RunnerError(
                f"Nothing is running on {layout.root}. Start it with `truc up`, "
                "or name the data folder of the one you mean with --data-dir."
            )
        if state.phase != "ready":
            raise RunnerError(f"The axis on {layout.root} is {state.phase}. Try again in a moment.")
        return cls(layout, state)

    def url(self, name: str) -> str:
        """Base URL of a process: `http://...`, and `nats://...` for the broker."""
        process = self.state.process(name)
        if process is None:
            running = ", ".join(process.name for process in self.state.processes)
            raise RunnerError(f"No process named {name} runs on {self.layout.root}. There are: {running}.")
        return process.url

    @asynccontextmanager
    async def client(
        self, name: str, *, member: str = ONE_STOP, limits: httpx.Limits | None = None
    ) -> AsyncIterator[httpx.AsyncClient]:
        """A client for the process `name` that carries the member's token and renews it in time."""
        async with httpx.AsyncClient(
            base_url=self.url(name),
            auth=MemberAuth(self.url(HUB), find_member(self.layout, member)),
            timeout=TIMEOUT,
            limits=limits or httpx.Limits(),
            trust_env=False,
        ) as http:
            yield http


class MemberAuth(httpx.Auth):
    """Bearer tokens of one member (RFC 6749, client credentials), renewed before they expire."""

    requires_response_body = True

    def __init__(self, hub_url: str, member: Member) -> None:
        self._hub_url = hub_url
        self._member = member
        self._token = ""
        self._good_until = 0.0
        self._renewing = asyncio.Lock()

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        async with self._renewing:
            if time.monotonic() >= self._good_until:
                answer = yield token_request(self._hub_url, self._member)
                await answer.aread()
                self._token, lifetime = read_token(answer, self._member.client_id)
                self._good_until = time.monotonic() + lifetime - RENEW_BEFORE_S
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


def find_member(layout: Layout, client_id: str) -> Member:
    """The member with this client id. Raises RunnerError listing those there are."""
    members = {member.client_id: member for member in read_members(layout)}
    if client_id in members:
        return members[client_id]
    if not members:
        raise RunnerError(
            f"There are no members in {layout.root} yet: they are made on the first start. "
            "Run `truc up`, or name another data folder with --data-dir."
        )
    raise RunnerError(f"There is no member {client_id}. There are: {', '.join(sorted(members))}.")


def token_request(hub_url: str, member: Member) -> httpx.Request:
    """A request for a token with everything the member may do."""
    credentials = httpx.BasicAuth(member.client_id, member.secret)
    request = httpx.Request("POST", f"{hub_url}/oauth/token", data={"grant_type": "client_credentials"})
    return next(credentials.auth_flow(request))


def read_token(answer: httpx.Response, client_id: str) -> tuple[str, float]:
    """Token and lifetime in seconds. Raises RunnerError when the hub refused."""
    try:
        body = answer.json()
        if answer.status_code == httpx.codes.OK:
            return str(body["access_token"]), float(body["expires_in"])
        reason = body.get("error_description") or body.get("error") or body.get("detail")
    except (ValueError, KeyError, TypeError, AttributeError):
        reason = None
    raise RunnerError(
        f"The hub gave no token to {client_id} (HTTP {answer.status_code}, {reason or 'no reason given'}). "
        "If the data folder was changed by hand, stop the axis and start it again."
    )
