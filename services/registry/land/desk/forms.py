"""From an e-form to the change it asks for. A form speaks of one or two recipients and of lines of text; a change
of lists and numbers.

What a form leaves out or gets wrong is a VALIDATION problem naming `form.<field>`: the desk says it as a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from contracts.events.task import TaskRequested
from contracts.identifiers import ParcelKey
from contracts.land import CertificateSerial
from contracts.problems import CERTIFICATE_DIFFERS, NOT_THE_HOLDER, VALIDATION, FieldError, Problem, Text
from contracts.times import vn_date
from services.bus.kit.errors import validation_problem
from services.registry.land.commands.changes import ANY_CHANGE
from services.registry.land.rules import Situation

_KEY: Final[TypeAdapter[str]] = TypeAdapter(ParcelKey)
_SERIAL: Final[TypeAdapter[str]] = TypeAdapter(CertificateSerial)
NO_CHANGE: Final = Text("Hồ sơ này không phải một biến động đất đai.", "This dossier asks for no land change.")
LETTINGS: Final = frozenset({"lease"})


def parcel_key(form: Mapping[str, Any]) -> str:
    """The parcel the form is about."""
    key: str = _checked(_KEY, form.get("parcel_key"), "parcel_key")
    return key


def change_of(task: TaskRequested) -> Any:
    """The change a form for transfers, gifts, inheritances, leases and changes of purpose asks for."""
    form = task.form
    kind = form.get("kind", "change-of-purpose" if "land_uses" in form else None)
    if kind == "change-of-purpose":
        told = {"land_uses": _uses(form.get("land_uses", ())), **_taken(form, "term_until", "value_vnd")}
    elif kind in LETTINGS:
        told = {"lessees": _recipients(form), **_taken(form, "until", "value_vnd")}
    elif kind in ("transfer", "gift", "inheritance"):
        giver = [form["giver"]] if "giver" in form else []
        told = {"givers": giver, "recipients": _recipients(form), **_taken(form, "value_vnd", "relation")}
    else:
        raise Problem(VALIDATION, errors=[FieldError("form.kind", "enum", NO_CHANGE)], count=1)
    return _change(task, {"kind": kind, **told})


def mortgage_of(task: TaskRequested) -> Any:
    """The mortgage to register."""
    told = _taken(task.form, "contract_number", "amount_vnd", "mortgagee")
    allows = task.form.get("allows_disposal") == "yes"
    return _change(task, {"kind": "mortgage", "allows_disposal": allows, **told})


def deletion_of(task: TaskRequested, mortgage: str) -> Any:
    """The deletion of this mortgage."""
    return _change(task, {"kind": "mortgage-deletion", "mortgage": mortgage})


def split_of(task: TaskRequested) -> Any:
    """The split: each line of the form is a number and an area."""
    pieces = [
        {"parcel_number": int(number) if number.strip().isdigit() else number, "area_m2": area.strip()}
        for number, _, area in (str(line).partition(":") for line in _lines(task.form.get("pieces")))
    ]
    return _change(task, {"kind": "split", "pieces": pieces})


def reissue_of(task: TaskRequested, now_on: date) -> Any:
    """A reissue; by reason of loss if the form says since when the loss has been posted."""
    posted = task.form.get("posted_on")
    lost = {"lost": {"posted_on": posted}} if posted is not None else {}
    return _change(task, {"kind": "reissue", "effective_on": now_on.isoformat(), **lost})


def correction_of(task: TaskRequested) -> Any:
    """A correction, or a change of details under its own procedure."""
    form = task.form
    details = task.part.startswith("1.013833")
    told = _taken(form, "address")
    if "becomes" in form:
        number = str(form.get("holder_number", ""))
        named = {"personal_id": number} if len(number) == 12 else {"tax_code": number} if number else {}
        if "holder_name" in form:
            named["name"] = form["holder_name"]
        told["holders"] = [{**named, "becomes": form["becomes"]}]
    if not details:
        told |= _taken(form, "area_m2", "term_until")
        if "land_uses" in form:
            told["land_uses"] = _uses(form["land_uses"])
    told["new_certificate"] = form.get("new_certificate") == "yes"
    return _change(task, {"kind": "change-of-details" if details else "correction", **told})


def with_consents(asked: Any, task: TaskRequested, situation: Situation) -> Any:
    """The change with the mortgagee's consent, where the form says it was given."""
    if task.form.get("mortgagee_agrees") != "yes" or not hasattr(asked, "consents"):
        return asked
    return asked.model_copy(update={"consents": [each.id for each in situation.restrictions]})


def check_applicant(task: TaskRequested, asked: Any, situation: Situation) -> None:
    """Only who gives, receives or holds may ask. Raises NOT_THE_HOLDER, CERTIFICATE_DIFFERS."""
    parties: list[Any] = [*situation.holders, *(who for each in situation.lettings for who in each.holders)]
    for name in ("recipients", "lessees"):
        parties += getattr(asked, name, ())
    parties += [asked.mortgagee] if hasattr(asked, "mortgagee") else []
    numbers = {number for each in parties for number in (each.personal_id, each.tax_code)}
    if task.applicant.personal_id not in numbers and task.applicant.kind == 1:
        raise Problem(NOT_THE_HOLDER, parcel=situation.parcel)
    given = task.form.get("certificate_serial")
    if given is not None and _checked(_SERIAL, given, "certificate_serial") != situation.certificate:
        raise Problem(CERTIFICATE_DIFFERS, serial=given, parcel=situation.parcel)


def _change(task: TaskRequested, told: dict[str, Any]) -> Any:
    form = task.form
    paper = {
        "kind": "contract",
        "number": form.get("contract_number", ""),
        "issued_by": form.get("contract_by", ""),
    }
    base = {
        "effective_on": form.get("effective_on"),
        "dossier": task.dossier_code,
        "documents": [paper] if paper["number"] or paper["issued_by"] else [],
    }
    if base["effective_on"] is None:
        base["effective_on"] = vn_date(task.requested_at).isoformat()
    return _checked(ANY_CHANGE, {**base, **told}, "")


def _checked(adapter: TypeAdapter[Any], value: Any, field: str) -> Any:
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        path = ("form", field) if field else ("form",)
        found = [{**each, "loc": (*path, *each["loc"][1 if not field else 0 :])} for each in error.errors()]
        raise validation_problem(found) from None


def _recipients(form: Mapping[str, Any]) -> list[Any]:
    return [form[name] for name in ("recipient", "co_recipient") if name in form]


def _taken(form: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: form[name] for name in names if name in form}


def _uses(lines: Any) -> list[dict[str, str]]:
    parts = (str(line).partition(":") for line in _lines(lines))
    return [{"code": code.strip(), "area_m2": area.strip()} for code, _, area in parts]


def _lines(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()
