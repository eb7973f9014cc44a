"""Reading the stream by sequence, a page at a time: for who looks at everything and must cost nobody anything.

    "a thousand on axis.portal.> behind 4711" ──► messages, in the stream's order, and the last one's sequence

The broker keeps no consumer, no place and no acknowledgement for such a reader: its place is a number it stores
with what it made of the messages. A message without its headers comes at half the price. Needs nats-server 2.11
(batched direct gets); one that cannot leave headers out sends them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from types import TracebackType
from typing import Final, NamedTuple, Self

import orjson
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from services.bus.kit.bus import STREAM, Bus

ANSWER_WITHIN_S: Final = 5.0
MOST_BYTES: Final = 8 * 1024 * 1024
_ADDRESS: Final = f"$JS.API.DIRECT.GET.{STREAM}"
_END, _NOTHING = "204", "404"


class BrowsingError(ConnectionError):
    """The broker does not answer, or refuses."""


class Wanted(NamedTuple):
    """The next messages on a pattern of subjects behind a sequence, at most so many."""

    subjects: str
    after: int
    most: int
    headers: bool = False


@dataclass(slots=True)
class StreamPage:
    """Messages in the stream's order. `upto`: the last one's sequence, or where the reader stood if there is
    none. `following`: how many there are behind it, told only with headers."""

    subjects: str
    after: int
    upto: int
    messages: list[Msg] = field(default_factory=list)
    following: int = 0


def sequence_of(message: Msg) -> int:
    """The message's place in the stream, if it came with headers."""
    assert message.headers is not None
    return int(message.headers["Nats-Sequence"])


def stored_at(message: Msg) -> datetime:
    """When the broker took it, if it came with headers."""
    assert message.headers is not None
    return datetime.fromisoformat(message.headers["Nats-Time-Stamp"])


class Browser:
    """Open it with `async with`, on a bus that is ready."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._inbox = ""
        self._subscription: Subscription | None = None
        self._tokens = count()
        self._pages: dict[str, tuple[StreamPage, asyncio.Future[None]]] = {}

    async def __aenter__(self) -> Self:
        self._inbox = self._bus.nc.new_inbox()
        self._subscription = await self._bus.nc.subscribe(f"{self._inbox}.*", cb=self._on_message)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._subscription is not None
        if self._bus.is_connected:
            await self._subscription.unsubscribe()

    async def pages(self, wanted: Iterable[Wanted]) -> list[StreamPage]:
        """These pages, in their order. Raises BrowsingError if one of them does not come as a whole."""
        tokens = []
        loop = asyncio.get_running_loop()
        try:
            for each in wanted:
                token = str(next(self._tokens))
                tokens.append(token)
                self._pages[token] = StreamPage(each.subjects, each.after, each.after), loop.create_future()
                await self._bus.nc.publish(_ADDRESS, _request(each), reply=f"{self._inbox}.{token}")
            async with asyncio.timeout(ANSWER_WITHIN_S):
                for token in tokens:
                    await self._pages[token][1]
            return [self._pages[token][0] for token in tokens]
        except TimeoutError:
            raise BrowsingError("the broker has not answered") from None
        finally:
            for token in tokens:
                self._pages.pop(token, None)

    async def _on_message(self, message: Msg) -> None:
        found = self._pages.get(message.subject.rpartition(".")[2])
        if found is None:
            return  # nobody waits for it any more
        page, done = found
        headers = message.headers
        status = headers.get("Status") if headers is not None else None
        if status is None:
            page.messages.append(message)
        elif done.done():
            return
        elif status == _END:
            assert headers is not None
            page.upto, page.following = int(headers["Nats-Last-Sequence"]), int(headers["Nats-Num-Pending"])
            done.set_result(None)
        elif status == _NOTHING:
            done.set_result(None)
        else:
            why = (headers or {}).get("Description", "no reason")
            done.set_exception(BrowsingError(f"the broker says {status}: {why}"))


def _request(wanted: Wanted) -> bytes:
    told = {
        "seq": wanted.after + 1,
        "batch": wanted.most,
        "max_bytes": MOST_BYTES,
        "next_by_subj": wanted.subjects,
        "no_hdr": not wanted.headers,
    }
    return orjson.dumps(told)
