"""Who may do what on the citizen's side: limits by address, and proof of being the person a dossier is about.

There are no accounts here: knowing the code shows the status, knowing the person's number shows the rest.
"""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import Request

from contracts.problems import PROOF_NEEDED, PROOF_WRONG, TOO_MANY_REQUESTS, Problem
from gateway.portal.limits import Limiter
from gateway.portal.portal import Portal
from gateway.portal.proofs import proves
from gateway.portal.queries.citizens import Followed
from services.bus.kit.access_token import Caller

PROOF_HEADER = "X-Citizen-Proof"
CITIZEN = Caller("citizen", "citizen", frozenset(), datetime.max.replace(tzinfo=UTC))
"""Whoever uses the citizen's side: they hold no token."""


def throttle(request: Request, limiter: Limiter) -> None:
    """Take one event of this address from the limiter; Problem TOO_MANY_REQUESTS says when to come back."""
    _refuse_after(limiter.take(address_of(request)))


def address_of(request: Request) -> str:
    """The address the request came from."""
    return request.client.host if request.client is not None else "unknown"


def prove(request: Request, portal: Portal, found: Followed, answer: str) -> None:
    """Accept a personal id or phone number given with the dossier, or raise PROOF_WRONG. Wrong answers are
    counted by address and by dossier, so that numbers cannot be tried out."""
    limiter = portal.wrong_proofs
    keys = (f"address {address_of(request)}", f"dossier {code_of(found)}")
    _refuse_after(max(limiter.wait(key) for key in keys))
    if not proves(answer, found.known_numbers):
        for key in keys:
            limiter.take(key)
        raise Problem(PROOF_WRONG)


def proven_by_header(request: Request, portal: Portal, found: Followed) -> bool:
    """True if the proof header is right, False without one; Problem PROOF_WRONG if it is wrong."""
    answer = request.headers.get(PROOF_HEADER)
    if answer is None:
        return False
    prove(request, portal, found, answer)
    return True


def need_proof(proven: bool) -> None:
    """Refuse what only the person concerned may do."""
    if not proven:
        raise Problem(PROOF_NEEDED, header=PROOF_HEADER)


def code_of(found: Followed) -> str:
    """What a proof is bound to: the submission's reference where there is one, else the dossier's code."""
    if found.submission is not None:
        return found.submission.reference
    assert found.dossier is not None
    return found.dossier.code


def _refuse_after(wait: int) -> None:
    if wait:
        raise Problem(TOO_MANY_REQUESTS, retry_after=wait)
