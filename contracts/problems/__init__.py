"""Every problem an API of the axis can answer with (RFC 9457), each with its Vietnamese and English text.

Import what you need from here; the files are by who raises it.
"""

from __future__ import annotations

from contracts.problems.base import TYPE_BASE, FieldError, Problem, ProblemType
from contracts.problems.citizens import (
    PROOF_NEEDED,
    PROOF_WRONG,
    REQUEST_NOT_POSSIBLE,
    TOO_MANY_REQUESTS,
)
from contracts.problems.civil import CIVIL_RULES_BROKEN
from contracts.problems.dossiers import (
    AGENCY_CANNOT_RECEIVE,
    FORM_INVALID,
    GUARD_REFUSED,
    ILLEGAL_TRANSITION,
    UNKNOWN_PROCEDURE,
    UPLOAD_REFUSED,
)
from contracts.problems.imports import BAD_IMPORT_HEADER, IMPORT_COMPLETE, IMPORT_OFFSET
from contracts.problems.land import (
    CERTIFICATE_DIFFERS,
    CHANGE_CLOSED,
    CHANGE_PENDING,
    LAND_RULES_BROKEN,
    NOT_THE_HOLDER,
)
from contracts.problems.ministries import PAYMENT_MADE, SYSTEM_AWAY, SYSTEM_OFF
from contracts.problems.population import (
    INCONSISTENT_PERSON,
    PURPOSE_REQUIRED,
)
from contracts.problems.requests import (
    ALREADY_EXISTS,
    BAD_CURSOR,
    BAD_IDEMPOTENCY_KEY,
    BODY_TOO_LARGE,
    BUSY,
    CONFLICT,
    FORBIDDEN,
    HTTP_ERROR,
    IDEMPOTENCY_MISMATCH,
    IDEMPOTENCY_RUNNING,
    INTERNAL,
    MALFORMED_BODY,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    ROUTE_NOT_FOUND,
    STALE_VERSION,
    UNAUTHENTICATED,
    UNAVAILABLE,
    UNSUPPORTED_MEDIA_TYPE,
    VALIDATION,
)
from contracts.problems.residence import CITIZEN_DECEASED, OVERLAPPING_PERIOD
from contracts.problems.results import (
    RESULT_CLOSED,
    RESULT_INCOMPLETE,
    RESULT_NOT_REUSABLE,
    RESULT_UNSIGNABLE,
)
from contracts.problems.tasks import NO_PLAN, RESULTS_UNFIT, SYSTEMS_AT_WORK, TASK_CLOSED, TASK_NOT_YOURS
from contracts.problems.text import Language, Text
from contracts.problems.things import THINGS
from contracts.problems.uploads import (
    BAD_UPLOAD_HEADER,
    CHECKSUM_MISMATCH,
    DOSSIER_CLOSED,
    OFFSET_MISMATCH,
    UPLOAD_EXPIRED,
    UPLOAD_LOCKED,
    UPLOAD_SILENT,
    UPLOAD_VERSION,
)

__all__ = [
    "AGENCY_CANNOT_RECEIVE",
    "ALREADY_EXISTS",
    "BAD_CURSOR",
    "BAD_IDEMPOTENCY_KEY",
    "BAD_IMPORT_HEADER",
    "BAD_UPLOAD_HEADER",
    "BODY_TOO_LARGE",
    "BUSY",
    "CERTIFICATE_DIFFERS",
    "CHANGE_CLOSED",
    "CHANGE_PENDING",
    "CHECKSUM_MISMATCH",
    "CITIZEN_DECEASED",
    "CIVIL_RULES_BROKEN",
    "CONFLICT",
    "DOSSIER_CLOSED",
    "FORBIDDEN",
    "FORM_INVALID",
    "GUARD_REFUSED",
    "HTTP_ERROR",
    "IDEMPOTENCY_MISMATCH",
    "IDEMPOTENCY_RUNNING",
    "ILLEGAL_TRANSITION",
    "IMPORT_COMPLETE",
    "IMPORT_OFFSET",
    "INCONSISTENT_PERSON",
    "INTERNAL",
    "LAND_RULES_BROKEN",
    "MALFORMED_BODY",
    "METHOD_NOT_ALLOWED",
    "NOT_FOUND",
    "NOT_THE_HOLDER",
    "NO_PLAN",
    "OFFSET_MISMATCH",
    "OVERLAPPING_PERIOD",
    "PAYMENT_MADE",
    "PROOF_NEEDED",
    "PROOF_WRONG",
    "PURPOSE_REQUIRED",
    "REQUEST_NOT_POSSIBLE",
    "RESULTS_UNFIT",
    "RESULT_CLOSED",
    "RESULT_INCOMPLETE",
    "RESULT_NOT_REUSABLE",
    "RESULT_UNSIGNABLE",
    "ROUTE_NOT_FOUND",
    "STALE_VERSION",
    "SYSTEMS_AT_WORK",
    "SYSTEM_AWAY",
    "SYSTEM_OFF",
    "TASK_CLOSED",
    "TASK_NOT_YOURS",
    "THINGS",
    "TOO_MANY_REQUESTS",
    "TYPE_BASE",
    "UNAUTHENTICATED",
    "UNAVAILABLE",
    "UNKNOWN_PROCEDURE",
    "UNSUPPORTED_MEDIA_TYPE",
    "UPLOAD_EXPIRED",
    "UPLOAD_LOCKED",
    "UPLOAD_REFUSED",
    "UPLOAD_SILENT",
    "UPLOAD_VERSION",
    "VALIDATION",
    "FieldError",
    "Language",
    "Problem",
    "ProblemType",
    "Text",
    "all_types",
]


def all_types() -> dict[str, ProblemType]:
    """Every problem type by slug, for documentation and tests."""
    return {value.slug: value for value in globals().values() if isinstance(value, ProblemType)}
