"""Kinds of results: the data file holds together, and what a dossier leaves is found where it says."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic_core import PydanticCustomError
from sqlalchemy import select

from contracts.catalogue.form_schemas import form_schema
from contracts.catalogue.plans import Plan, plans
from contracts.catalogue.result_kinds import ResultKind, result_kind, result_kinds
from contracts.tasks import task_kind
from services.bus.kit.store import Store
from services.dossier.models import Dossier
from services.dossier.results.commands import issue_for
from services.dossier.results.compose import compose, months_later
from services.dossier.results.display import day, lines, moment
from services.dossier.results.keyring import KeyRing
from services.dossier.results.models import IssuedResult
from services.dossier.results.verify import signed_result
from services.dossier.results.views import document_of
from tests.contracts.refusals import refused
from tests.services.dossier.results.conftest import NOW

APPLICANT = {"personal_id": "052195000456", "full_name": "Trần Thị Ngọc Ẩn", "date_of_birth": "1995-01-02"}
BIRTH_FORM: dict[str, Any] = {
    "child_name": "Nguyễn Thị Hồng Ánh",
    "child_sex": "female",
    "child_born_at": "2023-02-20T18:30:00+00:00",
    "place_of_birth": "Bệnh viện Đa khoa tỉnh Bình Định",
    "mother": {"full_name": "Trần Thị Ngọc Ẩn", "personal_id": "052195000456", "date_of_birth": "1995"},
    "father": {"full_name": "Nguyễn Văn Dũng", "personal_id": "211234567"},
}
BIRTH: dict[str, Any] = {
    "record_id": "r",
    "number": "12/2023",
    "book": "01/2023-KS",
    "page": 12,
    "registered_on": "2023-03-01",
    "personal_id": "052323000123",
}
BIRTH_PLAN = Plan.model_validate(
    {
        "procedure": "1.001193",
        "steps": [
            {
                "id": each,
                "system": system,
                "kind": f"{system}.x",
                "title": {"vi": "x", "en": "x"},
                "part": "1.001193",
                "limit": "same-day",
            }
            for each, system in (("birth", "civil"), ("card", "social-insurance"))
        ],
        "result": "birth-certificate",
    }
)


def test_codes_and_names_are_each_of_one_kind() -> None:
    kinds = result_kinds()
    assert len({kind.code for kind in kinds}) == len({kind.name for kind in kinds}) == len(kinds)
    for kind in kinds:
        names = [field.name for field in kind.fields]
        assert len(set(names)) == len(names), kind.name
        assert kind.number is None or kind.number in names, kind.name
        assert any(field.required for field in kind.fields), kind.name
        assert kind.valid_months is None or kind.source, kind.name
        assert kind.replaces is None or set(kind.replaces.kinds) <= {each.name for each in kinds}, kind.name
        for field in kind.fields:
            assert field.label.vi != field.label.en, (kind.name, field.name)
            assert field.sources, (kind.name, field.name)
            assert bool(field.values) == (field.format == "choice"), (kind.name, field.name)


def test_every_kind_that_a_plan_names_is_known() -> None:
    named = {plan.result for plan in plans()} - {None}
    named |= {kind for plan in plans() for component in plan.components for kind in component.replaced_by}
    assert named <= {kind.name for kind in result_kinds()}


def test_an_unknown_kind_is_refused() -> None:
    with refused("result_kind.unknown"):
        result_kind("x")
    with pytest.raises(PydanticCustomError):
        result_kind("")


def test_the_owner_of_a_birth_certificate_is_the_child() -> None:
    made = compose(result_kind("birth-certificate"), applicant=APPLICANT, form=BIRTH_FORM, results=BIRTH)
    assert (made.owner.id, made.owner.name) == ("052323000123", "Nguyễn Thị Hồng Ánh")
    assert made.holders == ("052195000456",), "an old card number is no holder"
    shown = lines("birth-certificate", made.content, "vi")
    assert ("Ngày, tháng, năm sinh", "21/02/2023") in shown, "born after midnight in Vietnam"
    assert ("Giới tính", "Nữ") in shown
    assert ("Ngày sinh người mẹ", "1995") in shown
    assert [label for label, _ in shown][:3] == ["Họ, chữ đệm, tên", "Số định danh cá nhân", "Giới tính"]


@pytest.mark.parametrize("form", [{}, {"child_name": None, "mother": "x"}, {"mother": {"personal_id": ""}}])
def test_what_is_missing_is_left_out(form: dict[str, Any]) -> None:
    made = compose(result_kind("birth-certificate"), applicant=APPLICANT, form=form, results={})
    assert made.owner.id == APPLICANT["personal_id"]
    assert made.content == {}


def test_a_system_says_itself_how_long_its_result_is_good() -> None:
    results = {
        "card_number": "TE1527912345678",
        "valid_to": "2029-02-20",
        "facility": {"code": "1", "name": "TYT"},
    }
    made = compose(result_kind("insurance-card"), applicant=APPLICANT, form=BIRTH_FORM, results=results)
    assert made.valid_until == date(2029, 2, 20)
    assert ("Facility", "TYT") in lines("insurance-card", made.content, "en")


@pytest.mark.anyio
async def test_a_finished_dossier_leaves_the_result_of_its_plan(store: Store, ring: KeyRing) -> None:
    by_step = {"birth": BIRTH, "card": {"number": "not this one", "card_number": "TE1527912345678"}}

    def command(tx: Any) -> list[IssuedResult]:
        dossier = tx.insert(
            Dossier,
            **{
                **{column.name: None for column in Dossier.__table__.columns},
                "code": "H08.31.21-230301-0001",
                "version": 1,
                "status": 9,
                "procedure_code": "1.001193",
                "receiving_agency": "H08.31.21",
                "channel": "direct",
                "folded_name": "x",
                "date_of_birth": date(1995, 1, 2),
                "personal_id": APPLICANT["personal_id"],
                "full_name": APPLICANT["full_name"],
                "kind": 1,
                "form": BIRTH_FORM,
                "created_by": "x",
                "created_at": NOW,
                "verification": "pending",
                "verification_attempts": 0,
                "fees": [],
                "supplements": [],
                "attachments": [],
                "results": [],
            },
        )
        both = issue_for(tx, ring, dossier, BIRTH_PLAN, by_step, now=NOW)
        return both + issue_for(tx, ring, dossier, BIRTH_PLAN, by_step, now=NOW, kinds=["insurance-card"])

    certificate, card = await store.write(command)
    assert (certificate.kind, certificate.owner_id, certificate.number) == (
        "birth-certificate",
        "052323000123",
        "12/2023",
    )
    assert card.number == "TE1527912345678"
    assert signed_result(document_of(card)).content["full_name"] == "Nguyễn Thị Hồng Ánh"
    assert await store.read(lambda tx: len(list(tx.scalars(select(IssuedResult.id))))) == 2


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2023, 3, 1), 6, date(2023, 9, 1)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2022, 8, 31), 6, date(2023, 2, 28)),
        (date(2023, 12, 31), 12, date(2024, 12, 31)),
        (date(2023, 12, 15), 1, date(2024, 1, 15)),
    ],
)
def test_months(start: date, months: int, end: date) -> None:
    assert months_later(start, months) == end


def test_days_and_moments_as_people_write_them() -> None:
    assert [day(each) for each in ("2023-03-01", "2023-03", "2023", "không rõ")] == [
        "01/03/2023",
        "03/2023",
        "2023",
        "không rõ",
    ]
    assert moment("2023-03-01T02:05:00+00:00", "vi") == "09 giờ 05 phút, ngày 01/03/2023"
    assert moment("2023-03-01T09:05:00", "en") == "01/03/2023, 09:05"
    assert moment("2023-03-01", "en") == "01/03/2023"
    assert moment("hôm qua", "vi") == "hôm qua"


def sample(kind: ResultKind) -> dict[str, Any]:
    """A content with every field of a kind."""
    values: dict[str, Any] = {
        "text": "Nguyễn Thị Ặ",
        "date": "2023-03-01",
        "datetime": "2023-03-01T02:00:00Z",
        "integer": 1234,
        "money": 1_500_000,
        "area": 125.5,
        "sex": "female",
        "list": ["một", "hai"],
        "record": {"full_name": "Lê Văn Ất", "mother": {"full_name": "Võ Thị Ổi", "sex": "female"}, "x_y": None},
    }
    return {
        field.name: next(iter(field.values)) if field.format == "choice" else values[field.format]
        for field in kind.fields
    }


@pytest.mark.parametrize("kind", result_kinds(), ids=lambda kind: kind.name)
def test_every_field_of_every_kind_can_be_shown(kind: ResultKind) -> None:
    for language in ("vi", "en"):
        shown = lines(kind.name, sample(kind), language)
        assert len(shown) == len(kind.fields)
    odd = {field.name: {"a": [1, {"b": None}]} for field in kind.fields}
    assert lines(kind.name, odd, "vi"), "whatever a system answered can be shown somehow"


def test_a_record_is_shown_with_its_groups() -> None:
    shown = dict(lines("extract", sample(result_kind("extract")), "vi"))
    assert "Họ, chữ đệm, tên: Lê Văn Ất" in shown["Nội dung ghi trong sổ"].split("\n")
    assert "mother · Giới tính: Nữ" in shown["Nội dung ghi trong sổ"].split("\n")


def _paths(schema: Any, root: Any, prefix: str) -> set[str]:
    """Every path a JSON Schema knows, groups included."""
    found: set[str] = set()
    for name, each in schema.get("properties", {}).items():
        inner = root["$defs"][each["$ref"].rpartition("/")[2]] if "$ref" in each else each
        found |= {f"{prefix}.{name}"} | _paths(inner, root, f"{prefix}.{name}")
    return found


@pytest.mark.parametrize("plan", [plan for plan in plans() if plan.result], ids=lambda plan: plan.procedure)
def test_a_plan_brings_what_its_result_needs(plan: Plan) -> None:
    """Each required field, and the owner where one is always named, is found in the e-form or in an answer."""
    kind = result_kind(plan.result or "")
    form = form_schema(plan.procedure)
    known = _paths(form, form, "form") | {f"applicant.{name}" for name in APPLICANT}
    for step in plan.steps:
        if step.system == kind.system:
            results = task_kind(step.kind).results
            known |= _paths(results, results, "results")
    missing = [field.name for field in kind.fields if field.required and not known & set(field.sources)]
    assert missing == []
    assert all(known & set(named.id) for named in kind.owner if named.when is None)


@pytest.mark.parametrize(
    ("change", "owner"),
    [
        ("transfer", ("0100233488", "Công ty Quy Nhơn")),
        ("lease", ("052090000123", "Nguyễn Văn An")),
        ("another", (APPLICANT["personal_id"], APPLICANT["full_name"])),
    ],
)
def test_the_owner_of_a_land_certificate_depends_on_the_change(change: str, owner: tuple[str, str]) -> None:
    form = {
        "kind": change,
        "parcel_key": "21583-12-34",
        "giver": {"name": "Nguyễn Văn An", "personal_id": "052090000123"},
        "recipient": {"name": "Công ty Quy Nhơn", "tax_code": "0100233488"},
        "co_recipient": {"name": "Lê Thị Bé", "personal_id": "052190000456"},
    }
    answer = {"certificate_code": "T1ABCDEFGH12", "parcel_key": "21583-12-35"}
    made = compose(result_kind("land-certificate"), applicant=APPLICANT, form=form, results=answer)
    assert (made.owner.id, made.owner.name) == owner
    assert made.holders == ("052190000456",)
    assert (made.subject, made.replaces) == ("21583-12-35", ("21583-12-34", "21583-12-35"))
