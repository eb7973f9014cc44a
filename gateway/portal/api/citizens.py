"""The citizen's side as JSON: submit, follow, supplement, withdraw, ask. No token; limits by address.

Without the header `X-Citizen-Proof` (the personal id or phone number given with the dossier) only statuses
are shown, with the name masked; supplements and withdrawals need it.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic_core import to_json

from gateway.portal import access
from gateway.portal.commands import citizens as commands
from gateway.portal.portal import portal_of
from gateway.portal.queries import citizens as queries
from gateway.portal.queries.citizens import Followed
from gateway.portal.references import new_reference
from gateway.portal.schemas import (
    FollowView,
    NewQuestion,
    NewSubmission,
    NewSupplement,
    NewWithdrawal,
    QuestionAccepted,
    QuestionList,
    RequestAccepted,
    SubmissionAccepted,
)
from gateway.portal.views import follow_view
from services.bus.kit.api import ProblemDocument, read_answer, service_of, write_answer
from services.bus.kit.errors import PROBLEM_JSON, language_of
from services.bus.kit.ids import new_id
from services.bus.kit.requests import AxisRoute

router = APIRouter(
    prefix="/api/v1",
    tags=["citizens"],
    route_class=AxisRoute,
    responses={
        429: {
            "model": ProblemDocument,
            "description": "Too many requests from this address",
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
    },
)

Reference = Annotated[str, Path(max_length=100)]


@router.post("/submissions", status_code=201, response_model=SubmissionAccepted)
async def submit(request: Request, new: NewSubmission) -> Response:
    """Submit a dossier online. The province fetches it; follow it by its reference."""
    access.throttle(request, portal_of(request).submissions)
    commands.check_submission(new)
    now = service_of(request).clock.now()
    reference = new_reference(now)
    return await write_answer(
        request,
        access.CITIZEN,
        lambda tx: commands.submit(tx, new, reference=reference, now=now),
        status=201,
        headers=lambda accepted: {"Location": f"/api/v1/submissions/{accepted.reference}"},
    )


@router.get("/submissions/{reference}", response_model=FollowView)
async def follow_submission(request: Request, reference: Reference) -> Response:
    """Where a submission stands, and its dossier once the province has made one."""
    return await _follow(request, reference)


@router.get("/dossiers/{code}", response_model=FollowView)
async def follow_dossier(request: Request, code: Reference) -> Response:
    """Where a dossier stands."""
    return await _follow(request, code)


@router.post("/submissions/{reference}/supplements", status_code=201, response_model=RequestAccepted)
async def supplement(request: Request, reference: Reference, new: NewSupplement) -> Response:
    """Hand in what the agency has asked for."""
    own = await _need_proof(request, reference)
    now = service_of(request).clock.now()
    return await write_answer(
        request,
        access.CITIZEN,
        lambda tx: commands.supplement(tx, own, new.content, now=now),
        status=201,
    )


@router.post("/submissions/{reference}/withdrawals", status_code=201, response_model=RequestAccepted)
async def withdraw(request: Request, reference: Reference, new: NewWithdrawal) -> Response:
    """Ask to withdraw the dossier."""
    own = await _need_proof(request, reference)
    now = service_of(request).clock.now()
    return await write_answer(
        request,
        access.CITIZEN,
        lambda tx: commands.withdraw(tx, own, new.reason, now=now),
        status=201,
    )


@router.post("/questions", status_code=201, response_model=QuestionAccepted)
async def ask(request: Request, new: NewQuestion) -> Response:
    """Ask an agency something; the answer appears in the list."""
    access.throttle(request, portal_of(request).submissions)
    now = service_of(request).clock.now()
    id = f"HD-{new_id()}"
    return await write_answer(
        request, access.CITIZEN, lambda tx: commands.ask(tx, new, id=id, now=now), status=201
    )


@router.get("/questions", response_model=QuestionList)
async def list_questions(request: Request) -> Response:
    """The newest answered questions."""
    access.throttle(request, portal_of(request).reads)
    return await read_answer(request, queries.answered_questions)


async def _look_up(request: Request, key: str) -> Followed:
    access.throttle(request, portal_of(request).reads)
    return await service_of(request).store.read(lambda tx: queries.follow(tx, key.strip().upper()))


async def _follow(request: Request, key: str) -> Response:
    found = await _look_up(request, key)
    proven = access.proven_by_header(request, portal_of(request), found)
    view = follow_view(found, proven=proven, language=language_of(request))
    return Response(to_json(view), media_type="application/json")


async def _need_proof(request: Request, reference: str) -> str:
    """The reference as it is written here, if whoever asks may act on it."""
    found = await _look_up(request, reference)
    access.need_proof(access.proven_by_header(request, portal_of(request), found))
    return access.code_of(found)
