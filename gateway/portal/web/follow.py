"""The follow-up page: where the dossier stands, every step to the second, and what to do next.

`live_part` is what changes while the page is open; the script asks for it again and puts it in place.
"""

from __future__ import annotations

from contracts.status import DossierStatus
from contracts.times import vn_date
from gateway.portal.schemas import FollowView, RequestView, StepView
from gateway.portal.web import texts
from gateway.portal.web.follow_forms import proof_form, supplement_form, withdraw_form
from gateway.portal.web.layout import Page, day, document, moment
from services.bus.kit.html import Html, el

TONES = {
    None: "waiting",
    DossierStatus.SUBMITTED: "waiting",
    DossierStatus.RECEIVED: "going",
    DossierStatus.REFUSED: "bad",
    DossierStatus.IN_PROGRESS: "going",
    DossierStatus.SUPPLEMENT_REQUESTED: "ask",
    DossierStatus.PAYMENT_REQUESTED: "ask",
    DossierStatus.WITHDRAWN: "quiet",
    DossierStatus.SUSPENDED: "quiet",
    DossierStatus.COMPLETED: "good",
    DossierStatus.RESULT_RETURNED: "good",
}
STAGES_REACHED = {
    None: 0,
    DossierStatus.SUBMITTED: 0,
    DossierStatus.RECEIVED: 1,
    DossierStatus.REFUSED: 0,
    DossierStatus.COMPLETED: 3,
    DossierStatus.RESULT_RETURNED: 4,
}
"""The stage of STAGES a status stands at; every other status is work in progress."""


def follow(page: Page, view: FollowView, *, error: str | None = None, entered: str = "") -> Html:
    """The page at `/ho-so/{code}`. `error` is what is wrong with what was `entered` last."""
    return document(
        page,
        view.code or view.reference or "",
        el("p", {"class": "back"}, el("a", {"href": "/"}, "← ", page.say(texts.FOLLOW))),
        el("div", {"class": "notice bad", "role": "alert"}, error) if error else None,
        el(
            "div",
            {"id": "live", "data-url": f"{page.path}/moi", "data-etag": etag(page, view)},
            live_part(page, view, entered=entered),
        ),
        el("p", {"id": "said", "class": "unseen", "role": "status", "aria-live": "polite"}),
        here="/",
    )


def etag(page: Page, view: FollowView) -> str:
    """Changes whenever `live_part` does."""
    return f'"{view.version}-{page.language}-{int(view.proven)}"'


def live_part(page: Page, view: FollowView, *, entered: str = "") -> Html:
    """Everything that can change while somebody looks at it."""
    changed = page.say(texts.LIVE_CHANGED, status=view.status_name)
    return el(
        "div",
        {"class": "dossier", "data-said": changed},
        _head(page, view),
        el(
            "div",
            {"class": "main"},
            _next(page, view, entered),
            _timeline(page, view),
            None if view.proven else proof_form(page),
        ),
        el(
            "div",
            {"class": "side"},
            _facts(page, view),
            _results(page, view),
            _requests(page, view),
            _proven(page, view),
        ),
    )


def _head(page: Page, view: FollowView) -> Html:
    tone = tone_of(view)
    return el(
        "header",
        {"class": f"card head tone-{tone}"},
        el("p", {"class": "code"}, view.code or view.reference),
        el("h1", None, view.procedure_name or view.procedure_code),
        el(
            "p",
            {"class": "now"},
            el("span", {"class": "pill"}, view.status_name),
            el("span", {"class": "due"}, page.say(texts.DUE_AT), ": ", _due(page, view)) if view.due_at else None,
            el("span", {"class": "live"}, page.say(texts.LIVE)),
        ),
        _stages(page, view) if tone not in ("bad", "quiet") else None,
    )


def tone_of(view: FollowView) -> str:
    """The colour of a status: waiting, going, ask (the citizen must act), good, bad, quiet."""
    if view.status is None and any(each.state == "declined" and each.number == 1 for each in view.requests):
        return "bad"
    return TONES[None if view.status is None else DossierStatus(view.status)]


def _stages(page: Page, view: FollowView) -> Html:
    status = None if view.status is None else DossierStatus(view.status)
    reached = STAGES_REACHED.get(status, 2)
    finished = status is DossierStatus.RESULT_RETURNED
    items = []
    for number, text in enumerate(texts.STAGES):
        done = number < reached or finished
        here = number == reached and not finished
        state = texts.STAGE_DONE if done else texts.STAGE_HERE if here else None
        items.append(
            el(
                "li",
                {
                    "class": "done" if done else "here" if here else None,
                    "aria-current": "step" if here else None,
                },
                el("span", None, page.say(text)),
                el("span", {"class": "unseen"}, f" ({page.say(state)})") if state else None,
            )
        )
    return el("ol", {"class": "stages"}, *items)


def _next(page: Page, view: FollowView, entered: str) -> Html:
    asked = next((each for each in reversed(view.supplements) if each.content), None)
    return el(
        "section",
        {"class": f"card next tone-{tone_of(view)}"},
        el("h2", None, page.say(texts.NEXT)),
        el("p", None, view.advice),
        el("p", {"class": "quote"}, el("b", None, page.say(texts.ASKED_FOR), ": "), asked.content)
        if asked is not None and view.may_supplement
        else None,
        supplement_form(page, view, entered) if view.may_supplement and view.proven else None,
        withdraw_form(page, view) if view.may_withdraw and view.proven else None,
        el("p", {"class": "hint"}, page.say(texts.PROVE_FIRST))
        if (view.may_supplement or view.may_withdraw) and not view.proven
        else None,
    )


def _timeline(page: Page, view: FollowView) -> Html:
    steps = [_step(page, each, last=number == len(view.steps)) for number, each in enumerate(view.steps, start=1)]
    return el(
        "section",
        {"class": "card"},
        el("h2", None, page.say(texts.TIMELINE)),
        el("ol", {"class": "timeline", "reversed": True}, *reversed(steps))
        if steps
        else el("p", {"class": "hint"}, page.say(texts.NO_STEPS)),
    )


def _step(page: Page, step: StepView, *, last: bool) -> Html:
    tone = TONES[DossierStatus(step.status)]
    return el(
        "li",
        {"class": f"tone-{tone} newest" if last else f"tone-{tone}"},
        el("h3", None, step.status_name),
        el("p", {"class": "when"}, moment(page, step.at)),
        el("p", {"class": "where"}, step.department) if step.department else None,
        el("p", {"class": "where"}, page.say(texts.BY), ": ", step.officer) if step.officer else None,
        el("p", {"class": "note"}, step.note) if step.note else None,
    )


def _facts(page: Page, view: FollowView) -> Html:
    facts = (
        (texts.OWNER, view.owner),
        (texts.AGENCY, view.agency),
        (texts.CODE, view.code or page.say(texts.NO_CODE_YET)),
        (texts.REFERENCE, view.reference),
        (texts.CHANNEL, page.say(texts.CHANNELS[view.channel])),
        (texts.SUBMITTED_AT, day(view.submitted_at)),
    )
    rows = [
        el("div", None, el("dt", None, page.say(name)), el("dd", None, value)) for name, value in facts if value
    ]
    return el("section", {"class": "card"}, el("dl", {"class": "facts"}, *rows))


def _due(page: Page, view: FollowView) -> Html:
    assert view.due_at is not None
    date = el("b", None, day(view.due_at))
    if view.completed_at is not None or view.returned_at is not None or tone_of(view) in ("bad", "quiet", "good"):
        return date
    days = (vn_date(view.due_at) - vn_date(page.now)).days
    if days == 0:
        text = page.say(texts.DUE_TODAY)
    else:
        text = page.say(texts.DUE_IN if days > 0 else texts.DUE_PAST, days=abs(days))
    return el("span", None, date, el("span", {"class": "late" if days < 0 else "soon"}, f" {text}"))


def _results(page: Page, view: FollowView) -> Html | None:
    if not view.results:
        return None
    items = []
    for each in view.results:
        name = each.name or page.say(texts.RESULT_PAPER)
        safe = each.url is not None and each.url.startswith(("https://", "http://"))
        items.append(el("li", None, el("a", {"href": each.url, "rel": "noopener"}, name) if safe else name))
    return el("section", {"class": "card"}, el("h2", None, page.say(texts.RESULTS)), el("ul", None, *items))


def _requests(page: Page, view: FollowView) -> Html | None:
    if not view.requests:
        return None
    return el(
        "section",
        {"class": "card"},
        el("h2", None, page.say(texts.REQUESTS)),
        el("ol", {"class": "requests"}, *(_request(page, each) for each in view.requests)),
    )


def _request(page: Page, request: RequestView) -> Html:
    return el(
        "li",
        {"class": request.state},
        el(
            "p",
            None,
            el("b", None, page.say(texts.KINDS[request.kind])),
            el("span", {"class": "state"}, page.say(texts.STATES[request.state])),
        ),
        el("p", {"class": "when"}, moment(page, request.sent_at)),
        el("p", {"class": "note"}, request.content) if request.content else None,
        el("p", {"class": "note"}, el("b", None, page.say(texts.REASON), ": "), request.reason)
        if request.reason
        else None,
    )


def _proven(page: Page, view: FollowView) -> Html | None:
    return el("p", {"class": "proven"}, page.say(texts.PROVEN)) if view.proven else None
