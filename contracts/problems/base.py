"""Every problem an API of the axis can answer with (RFC 9457), each with its Vietnamese and English text.

A problem is raised where a rule is broken and turned into `application/problem+json` at the edge. Its `type`
is stable: callers branch on it, never on the text. Texts may quote what the caller sent back to the caller,
but a problem never carries another person's data.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from contracts.problems.text import Language, Text
from contracts.problems.things import THINGS

TYPE_BASE = "urn:truc:problem:"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of refusal: its stable slug, HTTP status, title, and detail (a `str.format` template)."""

    slug: str
    status: int
    title: Text
    detail: Text

    @property
    def uri(self) -> str:
        return TYPE_BASE + self.slug


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: a JSON path such as `body.applicant.personal_id`, the rule, the words."""

    field: str
    rule: str
    text: Text
    params: Mapping[str, Any] = attribute(default_factory=dict)


class Problem(Exception):
    """A refusal. Raise it anywhere below a route; the edge renders it in the caller's language.

    `Problem(ILLEGAL_TRANSITION, field="body.action", action="complete", status=1)`: the keyword arguments fill
    the detail template; those in `extra` are also members of the document. An argument may be a `Text`; `what`
    is the English name of one of `THINGS`; `retry_after`, in seconds, is also said in the header of that name.
    """

    def __init__(
        self,
        type: ProblemType,
        *,
        field: str | None = None,
        errors: Sequence[FieldError] = (),
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **params: Any,
    ) -> None:
        if (what := params.get("what")) in THINGS:
            params["what"] = THINGS[what]
        super().__init__(type.slug, params)
        self.type = type
        own = () if field is None else (FieldError(field, type.slug, type.detail, params),)
        self.errors: tuple[FieldError, ...] = (*own, *errors)
        self.extra = dict(extra or {})
        again = {"Retry-After": str(params["retry_after"])} if "retry_after" in params else {}
        self.headers = {**again, **(headers or {})}
        self.params = params

    def __str__(self) -> str:
        return f"{self.type.slug}: {self.type.detail.render('en', self.params)}"

    def document(self, language: Language, instance: str | None = None) -> dict[str, Any]:
        """The RFC 9457 document. Members: type, title, status, detail, instance, errors, and the extra ones."""
        document: dict[str, Any] = {
            "type": self.type.uri,
            "title": self.type.title.render(language, self.params),
            "status": self.type.status,
            "detail": self.type.detail.render(language, self.params),
        }
        if instance is not None:
            document["instance"] = instance
        if self.errors:
            document["errors"] = [
                {"field": e.field, "rule": e.rule, "detail": e.text.render(language, e.params)}
                for e in self.errors
            ]
        document.update(self.extra)
        return document
