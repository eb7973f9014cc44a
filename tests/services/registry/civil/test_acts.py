"""Acts are entered, shown, corrected; each leaves its event, and the people's own rows follow."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from contracts.civil import (
    Correction,
    NewBirth,
    NewExtract,
    NewGuardianship,
    NewMaritalStatusCertificate,
    NewReRegistration,
)
from contracts.events.civil import (
    BirthRegistered,
    DeathRegistered,
    MarriageRegistered,
    ParentageRecognised,
    RecordCorrected,
)
from contracts.problems import CIVIL_RULES_BROKEN, NOT_FOUND, STALE_VERSION, VALIDATION, Problem
from services.bus.kit.store import Store
from services.registry.civil.books import Layout
from services.registry.civil.commands.births import assign_personal_id, register_birth
from services.registry.civil.commands.corrections import correct
from services.registry.civil.commands.entry import Act
from services.registry.civil.commands.extracts import issue_extract
from services.registry.civil.commands.relations import certify_marital_status, register_guardianship
from services.registry.civil.commands.reregistrations import register_again
from services.registry.civil.models import Book
from services.registry.civil.queries.people import known
from services.registry.civil.queries.records import versions
from tests.services.registry.civil.acts import (
    AGENCY,
    AN,
    BINH,
    NOW,
    birth,
    born,
    child,
    correction,
    died,
    events,
    man,
    married,
    number,
    party,
    recognised,
    shown,
    woman,
)

pytestmark = pytest.mark.anyio


async def corrected(
    store: Store, record_id: str, body: dict[str, Any], *, now: datetime = NOW, **more: Any
) -> Any:
    asked = Correction.model_validate(body)
    return await store.write(lambda tx: correct(tx, record_id, asked, Act(now), **more))


def rules(problem: Problem) -> list[tuple[str, str]]:
    return [(each.field, each.rule) for each in problem.errors]


async def test_a_birth_is_numbered_shown_and_announced(store: Store) -> None:
    done = await born(store)
    assert (done.number, done.book, done.page, done.version) == ("1/2026", "01/2026-KS", 1, 1)
    assert done.warnings == []
    assert done.due_at == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    view = await shown(store, done.id)
    assert view.content["child"]["full_name"] == "Nguyễn Ngọc Chi"
    assert (view.registered_on, view.personal_id, view.registration) == (date(2026, 11, 20), None, "registered")
    (event,) = await events(store)
    told = event.data_as(BirthRegistered)
    assert (event.key, event.version, told.record_id, told.born_on) == (done.id, 1, done.id, date(2026, 11, 1))
    assert told.mother is not None and told.mother.personal_id == BINH
    assert (told.registered_unit_code, told.agency) == ("21550", AGENCY)
    assert told.birth_place.detail.startswith("Bệnh viện")


async def test_numbers_fill_pages_and_volumes_and_begin_anew_each_year(store: Store) -> None:
    layout = Layout(entries_a_page=2, pages_a_volume=2)
    places = []
    for order in range(6):
        now = NOW if order < 5 else NOW + timedelta(days=60)
        name = ("Một", "Hai", "Ba", "Bốn", "Năm", "Sáu")[order]
        new = NewBirth.model_validate(
            birth(child=child(full_name=f"Lê {name}", date_of_birth=f"2026-{order + 5:02d}-01"), mother=None)
        )
        done = await store.write(lambda tx, new=new, now=now: register_birth(tx, new, Act(now, layout)))  # type: ignore[misc]
        places.append((done.number, done.book, done.page))
    assert places == [
        ("1/2026", "01/2026-KS", 1),
        ("2/2026", "01/2026-KS", 1),
        ("3/2026", "01/2026-KS", 2),
        ("4/2026", "01/2026-KS", 2),
        ("5/2026", "02/2026-KS", 1),
        ("1/2027", "01/2027-KS", 1),
    ]


async def test_numbers_have_no_gap_however_many_register_at_once(store: Store) -> None:
    """32 at once, every fourth of them refused."""

    async def one(order: int) -> Any:
        day = "2027-01-01" if order % 4 == 0 else f"2026-{order % 10 + 1:02d}-{order % 27 + 1:02d}"
        told = child(full_name=f"Lê Thị {chr(65 + order % 26)}{'abc'[order % 3]}", date_of_birth=day)
        return await born(store, child=told, mother=None, father=None)

    results = await asyncio.gather(*(one(order) for order in range(32)), return_exceptions=True)
    numbers = sorted(int(each.number.split("/")[0]) for each in results if not isinstance(each, BaseException))
    assert numbers == list(range(1, 25))
    assert {type(each) for each in results if isinstance(each, BaseException)} == {Problem}
    book = await store.read(lambda tx: tx.scalars(select(Book)).one())
    assert (book.last, book.entries) == (24, 24)


async def test_the_personal_id_comes_later_and_makes_no_version(store: Store) -> None:
    done = await born(store)
    given = number("female", 2026, 77)
    await store.write(lambda tx: assign_personal_id(tx, done.id, given, NOW))
    view = await shown(store, done.id)
    assert (view.personal_id, view.version, view.current_version) == (given, 1, 1)
    about = await store.read(lambda tx: known(tx, given))
    assert about is not None
    assert (about.birth_record, about.mother_id, about.father_id) == (done.id, BINH, AN)
    again = await store.write(lambda tx: assign_personal_id(tx, done.id, number("female", 2026, 78), NOW))
    assert again is None
    assert (await shown(store, done.id)).personal_id == given


async def test_a_correction_adds_a_version_and_keeps_the_old_one(store: Store) -> None:
    done = await born(store)
    later = NOW + timedelta(days=10)
    fields = {"child.full_name": "Nguyễn Ngọc Chí", "father.residence": "Quy Nhơn"}
    answer = await corrected(store, done.id, correction(fields), now=later)
    assert (answer.version, answer.changed) == (2, ["child.full_name", "father.residence"])
    assert (answer.number, answer.book) == ("1/2026", "01/2026-TĐCC")
    today = await shown(store, done.id)
    before = await shown(store, done.id, date(2026, 11, 29))
    on_the_day = await shown(store, done.id, date(2026, 11, 30))
    assert today.content["child"]["full_name"] == on_the_day.content["child"]["full_name"] == "Nguyễn Ngọc Chí"
    assert (before.content["child"]["full_name"], before.version, before.current_version) == (
        "Nguyễn Ngọc Chi",
        1,
        2,
    )
    with pytest.raises(Problem) as too_early:
        await shown(store, done.id, date(2026, 11, 19))
    assert too_early.value.type is NOT_FOUND
    history = await store.read(lambda tx: versions(tx, done.id))
    assert [(each.version, each.change.value, each.number) for each in history] == [
        (1, "entry", None),
        (2, "correction", "1/2026"),
    ]
    assert history[1].ground == {"kind": "Giấy chứng sinh", "number": "12/2026", "issued_by": ""}
    told = (await events(store))[-1]
    assert (told.key, told.version) == (done.id, 2)
    data = told.data_as(RecordCorrected)
    assert (data.reason, data.record_version, data.content["child"]["full_name"]) == (
        "correction",
        2,
        "Nguyễn Ngọc Chí",
    )


BAD_CORRECTIONS: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    (correction({"child.full_name": "Nguyễn Ngọc Chi"}), [("body.fields", "correction.nothing")]),
    (correction({"child.shoe_size": 42}), [("body.fields.child.shoe_size", "correction.field-unknown")]),
    (correction({"child.full_name.x": "a"}), [("body.fields.child.full_name.x", "correction.field-unknown")]),
    (correction({"earlier": {"number": "1"}}), [("body.fields.earlier", "correction.field-unknown")]),
    (correction({"child.full_name": None}), [("body.fields.child.full_name", "missing")]),
    (correction({"child.date_of_birth": "2027-01-01"}), [("body.fields.child.date_of_birth", "birth.future")]),
    (
        correction({"mother.date_of_birth": "2026-11-01", "mother.personal_id": None}),
        [
            ("body.fields.mother.personal_id", "correction.identity"),
            ("body.fields.mother.date_of_birth", "birth.parent-younger"),
        ],
    ),
    (correction({"child.full_name": "Lê A"}, ground=None), [("body.ground", "correction.ground-needed")]),
    (
        correction({"child.full_name": "Lê A"}, kind="supplement"),
        [("body.fields.child.full_name", "correction.supplement-only")],
    ),
    (
        correction({"child.full_name": "Lê A"}, kind="note"),
        [("body.fields.child.full_name", "correction.note-only")],
    ),
    (
        correction({"mother.personal_id": number("female", 1991, 9)}),
        [("body.fields.mother.personal_id", "correction.identity")],
    ),
    (
        correction({"child.personal_id": number("male", 2026, 1)}),
        [("body.fields.child.personal_id", "personal_id.sex_mismatch")],
    ),
]


async def test_corrections_that_cannot_be_change_nothing(store: Store) -> None:
    done = await born(store)
    for body, expected in BAD_CORRECTIONS:
        with pytest.raises(Problem) as refused:
            await corrected(store, done.id, body)
        assert rules(refused.value) == expected, body
    assert (await shown(store, done.id)).current_version == 1
    with pytest.raises(Problem) as stale:
        await corrected(store, done.id, correction({"child.full_name": "Lê A"}), expected=3)
    assert stale.value.type is STALE_VERSION
    with pytest.raises(Problem) as missing:
        await corrected(store, "nobody", correction({"child.full_name": "Lê A"}))
    assert missing.value.type is NOT_FOUND


async def test_a_marriage_binds_both_until_it_ends(store: Store) -> None:
    done = await married(store)
    told = (await events(store))[-1].data_as(MarriageRegistered)
    assert (told.husband.personal_id, told.wife.personal_id, told.married_on) == (AN, BINH, date(2026, 11, 20))
    with pytest.raises(Problem) as refused:
        await married(store, wife=woman(9, 1995))
    assert rules(refused.value) == [("body.husband.personal_id", "marriage.already-married")]
    note = correction({"ended_on": "2026-11-20", "ended_by": "divorce"}, kind="note")
    await corrected(store, done.id, note)
    again = await married(store, wife=woman(9, 1995))
    assert again.number == "2/2026"
    about = await store.read(lambda tx: known(tx, BINH))
    assert about is not None and about.married_by is None and about.was_married
    # the first marriage cannot come back to life beside the second
    with pytest.raises(Problem) as revived:
        await corrected(store, done.id, correction({"ended_on": None, "ended_by": None}, kind="note"))
    assert ("body.fields.husband.personal_id", "marriage.already-married") in rules(revived.value)


async def test_a_death_ends_a_marriage_and_bars_the_dead(store: Store) -> None:
    await married(store)
    done = await died(store)
    told = (await events(store))[-1].data_as(DeathRegistered)
    assert (told.personal_id, told.died_on, told.spouse_personal_id) == (AN, date(2026, 11, 18), BINH)
    assert done.book == "01/2026-KT"
    with pytest.raises(Problem) as refused:
        await married(store, wife=woman(9, 1995))
    assert rules(refused.value) == [("body.husband.personal_id", "marriage.dead")]
    await married(store, husband=man(8, 1988, "Lê Văn Tám"))
    with pytest.raises(Problem) as twice:
        await died(store)
    assert rules(twice.value) == [("body.deceased.personal_id", "death.registered")]


async def test_two_at_once_marry_the_same_man_and_one_is_refused(store: Store) -> None:
    results = await asyncio.gather(
        *(married(store, wife=woman(serial, 1995)) for serial in range(10, 18)), return_exceptions=True
    )
    refused = [each for each in results if isinstance(each, Problem)]
    assert len(refused) == 7
    assert {each.type for each in refused} == {CIVIL_RULES_BROKEN}


async def test_recognition_names_the_parent_on_the_birth_record(store: Store) -> None:
    done = await born(store, father=None)
    given = number("female", 2026, 77)
    await store.write(lambda tx: assign_personal_id(tx, done.id, given, NOW))
    told = child(personal_id=given)
    about = {name: told[name] for name in ("full_name", "date_of_birth", "personal_id")}
    entered = await recognised(store, child=about, parent=man())
    view = await shown(store, done.id)
    assert (view.version, view.change, view.content["father"]["full_name"]) == (2, "recognition", "Nguyễn Văn An")
    assert (await shown(store, entered.id)).content["birth_record_id"] == done.id
    kinds = [(each.type, each.version) for each in await events(store)]
    assert kinds[1:] == [(ParentageRecognised.cloudevents_type(), 1), (RecordCorrected.cloudevents_type(), 2)]
    father = await store.read(lambda tx: known(tx, given))
    assert father is not None and father.father_id == AN
    with pytest.raises(Problem) as again:
        await recognised(store, child=about, parent=man(5, 1985))
    assert rules(again.value) == [("body.role", "recognition.has-parent")]


async def test_guardianship_and_marital_status(store: Store) -> None:
    told = {"agency": AGENCY, "arrangement": "appointed", "reason": "Cha, mẹ mất tích"}
    ward = {**party("Lê Bé", "2015-03-01"), "personal_id": number("female", 2015, 4)}
    new = NewGuardianship.model_validate({**told, "ward": ward, "guardian": man()})
    done = await store.write(lambda tx: register_guardianship(tx, new, Act(NOW)))
    assert done.book == "01/2026-GH"
    with pytest.raises(Problem) as twice:
        await store.write(lambda tx: register_guardianship(tx, new, Act(NOW)))
    assert rules(twice.value) == [("body.ward.personal_id", "guardianship.has-guardian")]
    await corrected(store, done.id, correction({"ended_on": "2026-11-20"}, kind="note"))
    await store.write(lambda tx: register_guardianship(tx, new, Act(NOW)))

    asked = {"agency": AGENCY, "person": man(), "declared_status": "single", "purpose": "Kết hôn"}
    certificate = NewMaritalStatusCertificate.model_validate(asked)
    issued = await store.write(lambda tx: certify_marital_status(tx, certificate, Act(NOW)))
    content = (await shown(store, issued.id)).content
    assert (content["certified_status"], content["valid_until"]) == ("single", "2027-05-20")
    assert [each.rule for each in issued.warnings] == ["marital-status.unproven"]
    await married(store, husband=man(certificate_id=issued.id))
    with pytest.raises(Problem) as contradicted:
        await store.write(lambda tx: certify_marital_status(tx, certificate, Act(NOW)))
    assert rules(contradicted.value) == [("body.declared_status", "marital-status.contradiction")]


async def test_a_certificate_is_of_this_person_and_in_time(store: Store) -> None:
    asked = {"agency": AGENCY, "person": man(), "declared_status": "single"}
    certificate = NewMaritalStatusCertificate.model_validate(asked)
    issued = await store.write(lambda tx: certify_marital_status(tx, certificate, Act(NOW)))
    for now, side in (
        (NOW + timedelta(days=190), man(certificate_id=issued.id)),
        (NOW, man(certificate_id="none")),
    ):
        with pytest.raises(Problem) as refused:
            await married(store, husband=side, now=now)
        assert rules(refused.value) == [("body.husband.certificate_id", "marriage.certificate")]


async def test_a_birth_is_registered_again_only_if_its_book_is_lost(store: Store) -> None:
    told = child(personal_id=number("female", 1960, 5), date_of_birth="1960", full_name="Võ Thị Năm")
    content: dict[str, Any] = {"child": told, "earlier": {"number": "7", "registered_on": "1960-05-01"}}
    body = {"agency": AGENCY, "kind": "birth", "birth": content, "ground": "Sổ bị cháy"}
    new = NewReRegistration.model_validate(body)
    done = await store.write(lambda tx: register_again(tx, new, Act(NOW)))
    view = await shown(store, done.id)
    assert (view.registration, view.personal_id, view.content["earlier"]["number"]) == (
        "again",
        told["personal_id"],
        "7",
    )
    assert (await events(store))[-1].data_as(BirthRegistered).again
    wrong: list[tuple[dict[str, Any], str]] = [
        (body, "birth.registered"),
        ({**body, "kind": "death"}, "again.kind"),
        ({**body, "birth": {"child": child()}}, "again.personal-id"),
        (
            {**body, "birth": {**content, "earlier": {"number": "1/2026", "registered_on": "2026-11-20"}}},
            "again.not-lost",
        ),
    ]
    for each, rule in wrong:
        again = NewReRegistration.model_validate(each)
        with pytest.raises(Problem) as refused:
            await store.write(lambda tx, again=again: register_again(tx, again, Act(NOW)))  # type: ignore[misc]
        assert rule in [found for _, found in rules(refused.value)]


async def test_extracts_are_numbered_and_may_be_of_an_earlier_day(store: Store) -> None:
    done = await born(store)
    await corrected(store, done.id, correction({"child.full_name": "Lê A"}), now=NOW + timedelta(days=2))
    asked = NewExtract.model_validate({"agency": AGENCY, "copies": 2, "as_of": "2026-11-20"})
    first = await store.write(lambda tx: issue_extract(tx, done.id, asked, Act(NOW)))
    assert (first.number, first.book, first.copies) == ("1/2026", "01/2026-TL", 2)
    assert first.record.content["child"]["full_name"] == "Nguyễn Ngọc Chi"


async def test_what_people_state_agrees_with_their_numbers(store: Store) -> None:
    with pytest.raises(Problem) as refused:
        await married(store, wife=woman(date_of_birth="1991-01-01"))
    assert refused.value.type is VALIDATION
    assert rules(refused.value) == [("body.wife.personal_id", "personal_id.birth_year_mismatch")]
