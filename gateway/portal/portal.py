"""What the running portal holds besides its database: its voice, open sessions, faults and limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from fastapi import Request

from gateway.portal.faults import FaultBox
from gateway.portal.limits import Limiter
from gateway.portal.proofs import ProofSeal
from gateway.portal.replies import Voice
from gateway.portal.sessions import SessionBook
from gateway.portal.settings import PortalSettings
from services.bus.kit.api import service_of

EXTRA = "portal"


@dataclass
class Portal:
    """One process's portal. For one event loop."""

    settings: PortalSettings
    voice: Voice
    sessions: SessionBook
    submissions: Limiter
    reads: Limiter
    wrong_proofs: Limiter
    faults: FaultBox = field(default_factory=FaultBox)
    seal: ProofSeal = field(default_factory=ProofSeal)

    @classmethod
    def of(cls, settings: PortalSettings) -> Portal:
        return cls(
            settings=settings,
            voice=Voice(settings.profile),
            sessions=SessionBook(settings.all_accounts, timedelta(seconds=settings.session_seconds)),
            submissions=Limiter(settings.submissions_per_minute),
            reads=Limiter(settings.reads_per_minute),
            wrong_proofs=Limiter(settings.wrong_proofs_per_minute),
        )


def portal_of(request: Request) -> Portal:
    """The portal behind this request."""
    return cast("Portal", service_of(request).extra[EXTRA])
