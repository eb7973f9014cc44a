"""What a link, its hops and its tallies are called, everywhere in the ledger."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

from contracts.envelope import REGISTRY, SUBJECT_PREFIX, TYPE_PREFIX
from contracts.portal import Verb

PORTAL: Final = "portal"
"""The consumer of the last link: the national portal itself (Cổng DVCQG)."""
SOURCE_PREFIX: Final = "/truc/"

TOTAL: Final = "total"
HOPS: Final = ("publish", "broker", "lane", "errors", "call")
"""From one stored time to the next. publish: the event's time until the broker has it; broker: until the consumer
has received it; lane: until its turn (applied, or first sent to the portal); errors: attempts that failed, with
the pauses between them and the wait for leave while the portal is away; call: the attempt that was acknowledged.
The last two only on the way to the portal."""
RETRIES, DUPLICATES, HELD, DEAD, DISCARDED = "retries", "duplicates", "held", "dead", "discarded"
TALLIES: Final = (RETRIES, DUPLICATES, HELD, DEAD, DISCARDED)
"""What is only counted."""

AGENCY, PROCEDURE = "agency", "procedure"

_SLUG: Final = re.compile(r"[^A-Za-z0-9._:-]")
_MOST: Final = 180


@dataclass(frozen=True, slots=True)
class LinkName:
    """Which way: from the system that announced something to whoever is to hear it."""

    source: str
    type: str
    consumer: str
    verb: str = ""

    @property
    def slug(self) -> str:
        """The link in one word that may stand in an address."""
        parts = [self.source, self.type, self.consumer, *([self.verb] if self.verb else [])]
        text = ":".join(parts)
        safe = _SLUG.sub("_", text)[:_MOST]
        if safe == text:
            return text
        return f"{safe}.{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def link_of(source: str, type_: str, consumer: str) -> LinkName:
    """The link of an event by its CloudEvents attributes."""
    return LinkName(source.removeprefix(SOURCE_PREFIX), short_type(type_), consumer)


def portal_link(verb: str = Verb.UPDATE_PROGRESS.value) -> LinkName:
    """The way of a status to the national portal; CapNhatTienDoHoSoMC is what acknowledges it."""
    return LinkName("dossier", "dossier.status-changed", PORTAL, verb)


def short_type(type_: str) -> str:
    """`dossier.status-changed` for version 1 of ours; later versions keep their number, others their name."""
    return type_.removeprefix(TYPE_PREFIX).removesuffix(".v1")


def subject_of(type_: str) -> str:
    """The subject, or the pattern of subjects, on which events of this short type travel."""
    full = f"{TYPE_PREFIX}{type_}"
    known = REGISTRY.get(full if re.search(r"\.v\d+$", type_) else f"{full}.v1")
    subject = known.axis_subject() if known is not None else SUBJECT_PREFIX + re.sub(r"\.v\d+$", "", type_)
    return re.sub(r"\{\w+\}", "*", subject)


def common_pattern(one: str, other: str) -> str | None:
    """The subjects that fit both patterns, as a pattern; None if there are none."""
    ours, theirs = one.split("."), other.split(".")
    common: list[str] = []
    for place in range(max(len(ours), len(theirs))):
        a = ours[place] if place < len(ours) else None
        b = theirs[place] if place < len(theirs) else None
        if a == ">" and b is not None:
            return ".".join(common + theirs[place:])
        if b == ">" and a is not None:
            return ".".join(common + ours[place:])
        if a is None or b is None or (a != b and "*" not in (a, b)):
            return None
        common.append(b if a == "*" else a)
    return ".".join(common)
