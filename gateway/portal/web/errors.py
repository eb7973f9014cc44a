"""What is wrong with a posted form, by the name of its field on the page, in the visitor's language."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from contracts.problems import Language, Problem
from contracts.rules import explain
from gateway.portal.web.texts import say

FIELD_OF = {"receiving_agency": "agency", "procedure_code": "agency", "applicant": "personal_id"}
"""Fields of the API that are called otherwise on the page; what is wrong between an applicant's fields is
shown at the personal id."""


def from_validation(error: ValidationError, language: Language) -> dict[str, str]:
    """pydantic's errors; the first of each field."""
    found: dict[str, str] = {}
    for each in error.errors(include_url=False, include_input=False):
        name = str(each["loc"][-1]) if each["loc"] else "personal_id"
        found.setdefault(FIELD_OF.get(name, name), say(explain(each["type"], each.get("ctx")), language))
    return found


def from_problem(problem: Problem, language: Language) -> dict[str, str]:
    """The fields a problem names: `body.form.child_name` is `form.child_name` on the page."""
    found: dict[str, str] = {}
    for each in problem.errors:
        name = each.field.removeprefix("body.").partition("[")[0]
        found.setdefault(FIELD_OF.get(name, name), each.text.render(language, each.params))
    return found


@contextmanager
def collecting_into(found: dict[str, str], language: Language) -> Iterator[None]:
    """Add what a problem names to what was found already, instead of ending there."""
    try:
        yield
    except Problem as problem:
        found.update(from_problem(problem, language))
