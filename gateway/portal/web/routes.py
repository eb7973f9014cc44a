"""The citizen's pages and what they post. Nothing is decided here that the JSON side does not decide too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Path, Request, Response
from pydantic import ValidationError

from contracts.catalogue.loader import Procedure
from contracts.problems import ROUTE_NOT_FOUND, UNKNOWN_PROCEDURE, Problem
from gateway.portal import access, catalogue
from gateway.portal.commands import citizens as commands
from gateway.portal.forms import check_form
from gateway.portal.portal import portal_of
from gateway.portal.proofs import GOOD_FOR
from gateway.portal.queries import citizens as queries
from gateway.portal.queries.citizens import Followed
from gateway.portal.references import new_reference
from gateway.portal.schemas import FollowView, NewQuestion, NewSubmission, NewSupplement, NewWithdrawal
from gateway.portal.views import follow_view
from gateway.portal.web import follow as follow_page
from gateway.portal.web.answers import PageRoute, page_of, posted, problem_text, see_other, show
from gateway.portal.web.errors import collecting_into, from_problem, from_validation
from gateway.portal.web.fields import read_form
from gateway.portal.web.home import home
from gateway.portal.web.layout import STATIC, asset
from gateway.portal.web.questions import questions
from gateway.portal.web.submit import choose, fill_in
from services.bus.kit.api import service_of
from services.bus.kit.idempotency import AnsweredWrite, Key
from services.bus.kit.ids import new_id
from services.bus.kit.tx import Tx

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=PageRoute)

KINDS = {"portal.css": "text/css", "portal.js": "text/javascript", "emblem.svg": "image/svg+xml"}
Code = Annotated[str, Path(max_length=100)]


@router.get("/assets/{digest}/{name}")
async def show_asset(digest: str, name: str) -> Response:
    """A static file, under an address that changes with it."""
    if name not in KINDS or asset(name) != f"/assets/{digest}/{name}":
        raise Problem(ROUTE_NOT_FOUND, path=f"/assets/{digest}/{name}"[:200])
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response((STATIC / name).read_bytes(), headers=kept, media_type=KINDS[name])


@router.get("/")
async def show_home(request: Request) -> Response:
    return show(request, home(page_of(request)))


@router.get("/tra-cuu")
async def look_up(request: Request, ma: str = "") -> Response:
    """From the field on the first page to the dossier's own address."""
    code = ma.strip().upper()[:100]
    return see_other(f"/ho-so/{quote(code, safe='')}" if code and "\x00" not in code else "/")


# -- following a dossier -----------------------------------------------------------------------------------
@router.get("/ho-so/{code}")
async def show_dossier(request: Request, code: Code) -> Response:
    found = await _find(request, code)
    return show(request, follow_page.follow(page_of(request), _view(request, found)))


@router.get("/ho-so/{code}/moi")
async def show_live_part(request: Request, code: Code) -> Response:
    """What changes on the page; 304 while nothing has."""
    found = await _find(request, code)
    page = page_of(request, _path(code))
    view = _view(request, found)
    etag = follow_page.etag(page, view)
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers={"ETag": etag})
    return show(request, follow_page.live_part(page, view), headers={"ETag": etag})


@router.post("/ho-so/{code}/xac-minh")
async def prove(request: Request, code: Code) -> Response:
    """A right number opens the rest of the page for a quarter of an hour."""
    portal = portal_of(request)
    found = await _find(request, code)
    values = await posted(request)
    try:
        access.prove(request, portal, found, values.get("so", ""))
    except Problem as problem:
        return _follow_again(request, code, found, problem)
    return _with_proof(request, see_other(_path(code)), access.code_of(found))


@router.post("/ho-so/{code}/bo-sung")
async def supplement(request: Request, code: Code) -> Response:
    found = await _find(request, code)
    values = await posted(request)
    now = service_of(request).clock.now()
    try:
        access.need_proof(_is_proven(request, found))
        new = NewSupplement(content=values.get("content", ""))
        own = access.code_of(found)
        await _write_once(request, values, lambda tx: commands.supplement(tx, own, new.content, now=now))
    except (Problem, ValidationError) as problem:
        return _follow_again(request, code, found, problem, values.get("content", ""))
    return see_other(_path(code))


@router.post("/ho-so/{code}/rut")
async def withdraw(request: Request, code: Code) -> Response:
    found = await _find(request, code)
    values = await posted(request)
    now = service_of(request).clock.now()
    try:
        access.need_proof(_is_proven(request, found))
        new = NewWithdrawal(reason=values.get("reason", ""))
        own = access.code_of(found)
        await _write_once(request, values, lambda tx: commands.withdraw(tx, own, new.reason, now=now))
    except (Problem, ValidationError) as problem:
        return _follow_again(request, code, found, problem)
    return see_other(_path(code))


# -- submitting --------------------------------------------------------------------------------------------
@router.get("/nop-ho-so")
async def show_submission(request: Request, tthc: str = "") -> Response:
    page = page_of(request)
    return show(request, fill_in(page, _procedure(tthc)) if tthc else choose(page))


@router.post("/nop-ho-so")
async def submit(request: Request, tthc: str = "") -> Response:
    """Take a submission, or show the form again with what is wrong beside each field."""
    portal = portal_of(request)
    access.throttle(request, portal.submissions)
    procedure = _procedure(tthc)
    page = page_of(request)
    values = await posted(request)
    told = _submission(procedure, values)
    wrong: dict[str, str] = {}
    try:
        new = NewSubmission.model_validate(told)
        commands.check_submission(new)
    except ValidationError as error:
        wrong = from_validation(error, page.language)
        with collecting_into(wrong, page.language):
            check_form(procedure.code, told["form"])
    except Problem as problem:
        wrong = from_problem(problem, page.language)
    else:
        now = service_of(request).clock.now()
        reference = new_reference(now)
        accepted = await _write_once(
            request, values, lambda tx: commands.submit(tx, new, reference=reference, now=now)
        )
        own: str = accepted["reference"]
        return _with_proof(request, see_other(_path(own)), own)
    return show(request, fill_in(page, procedure, values=values, errors=wrong), 422)


def _submission(procedure: Procedure, values: dict[str, str]) -> dict[str, Any]:
    names = ("full_name", "personal_id", "date_of_birth", "phone", "email")
    applicant = {name: values[name].strip() for name in names if values.get(name, "").strip()}
    submission: dict[str, Any] = {
        "procedure_code": procedure.code,
        "applicant": applicant,
        "form": read_form(procedure.code, values),
    }
    if values.get("agency"):
        submission["receiving_agency"] = values["agency"]
    return submission


# -- questions ---------------------------------------------------------------------------------------------
@router.get("/hoi-dap")
async def show_questions(request: Request) -> Response:
    access.throttle(request, portal_of(request).reads)
    found = await service_of(request).store.read(queries.answered_questions)
    return show(request, questions(page_of(request), found, thanks="ok" in request.query_params))


@router.post("/hoi-dap")
async def ask(request: Request) -> Response:
    access.throttle(request, portal_of(request).submissions)
    page = page_of(request)
    values = await posted(request)
    try:
        asked = {name: text for name, text in values.items() if text and name in NewQuestion.model_fields}
        new = NewQuestion.model_validate(asked)
        now = service_of(request).clock.now()
        await _write_once(request, values, lambda tx: commands.ask(tx, new, id=f"HD-{new_id()}", now=now))
    except ValidationError as error:
        wrong = from_validation(error, page.language)
    except Problem as problem:
        wrong = from_problem(problem, page.language)
    else:
        return see_other("/hoi-dap", ok="1")
    found = await service_of(request).store.read(queries.answered_questions)
    return show(request, questions(page, found, values=values, errors=wrong), 422)


# -- shared ------------------------------------------------------------------------------------------------
def _path(code: str) -> str:
    return f"/ho-so/{quote(code, safe='')}"


def _procedure(code: str) -> Procedure:
    found = catalogue.procedure_named(code)
    if found is None:
        raise Problem(UNKNOWN_PROCEDURE, procedure=code[:40])
    return found


async def _find(request: Request, code: str) -> Followed:
    access.throttle(request, portal_of(request).reads)
    return await service_of(request).store.read(lambda tx: queries.follow(tx, code.strip().upper()))


def _view(request: Request, found: Followed) -> FollowView:
    proven = _is_proven(request, found)
    return follow_view(found, proven=proven, language=page_of(request).language)


def _follow_again(
    request: Request, code: str, found: Followed, error: Problem | ValidationError, entered: str = ""
) -> Response:
    """The follow-up page with what is wrong at its top, and what was typed still in its field."""
    page = page_of(request, _path(code))
    if isinstance(error, Problem):
        status, text = error.type.status, problem_text(error, page.language)
    else:
        status, text = 422, "; ".join(from_validation(error, page.language).values())
    return show(request, follow_page.follow(page, _view(request, found), error=text, entered=entered), status)


def _is_proven(request: Request, found: Followed) -> bool:
    own = access.code_of(found)
    now = service_of(request).clock.now()
    return portal_of(request).seal.holds(own, request.cookies.get(_cookie(own)), now)


def _with_proof(request: Request, response: Response, own: str) -> Response:
    """Remember in a sealed cookie that this browser may see everything about `own`."""
    now = service_of(request).clock.now()
    response.set_cookie(
        _cookie(own),
        portal_of(request).seal.seal(own, now),
        max_age=int(GOOD_FOR.total_seconds()),
        path="/ho-so",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return response


def _cookie(own: str) -> str:
    return f"xm-{own}"


async def _write_once(request: Request, values: dict[str, str], command: Callable[[Tx], Any]) -> dict[str, Any]:
    """Carry a posted form out. Its hidden number makes the same form sent twice count once: the second time
    gives the first one's answer."""
    service = service_of(request)
    once = values.get("once") or new_id()
    key = Key.of(once, "pages", request.method, request.url.path, await request.body())
    write = AnsweredWrite(command, status=200, headers=None, key=key, now=service.clock.now())
    answer: dict[str, Any] = orjson.loads((await service.store.write(write)).body)
    return answer
