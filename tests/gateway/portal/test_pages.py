"""The citizen's pages: what they show, what they take, and that nothing a person wrote becomes markup."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.catalogue.form_schemas import form_schema
from contracts.catalogue.form_words import form_words
from contracts.catalogue.loader import procedures
from contracts.problems import Text
from contracts.status import DossierStatus
from gateway.portal import views
from gateway.portal.forms import check_form
from gateway.portal.web import follow, texts
from gateway.portal.web.fields import fields_of, read_form
from services.bus.kit.clock import FixedClock
from services.bus.kit.html import Html, el, join
from tests.gateway.portal.conftest import CODE, OpenPortal, Wire, hoso, row
from tests.gateway.portal.test_citizens import poll, submit

FIELDS = {
    "once": "n1",
    "agency": "H08.31.28",
    "full_name": "Nguyễn Thị Hồng Ánh",
    "personal_id": "052190000123",
    "date_of_birth": "1990-05-02",
    "phone": "0905123456",
    "promise": "on",
}
BIRTH = {
    "form.child_name": "Nguyễn Minh Khôi",
    "form.child_sex": "male",
    "form.child_born_at": "2023-03-10T08:00",
    "form.place_of_birth": "Quy Nhơn",
    "form.mother.full_name": "Nguyễn Thị Hồng Ánh",
}


async def prove(wire: Wire, key: str, number: str = "0905123456") -> httpx.Response:
    return await wire.http.post(f"/ho-so/{key}/xac-minh", data={"so": number})


def text_of(response: httpx.Response) -> str:
    """The words of a page, without its markup."""
    return unescape(re.sub(r"<[^>]+>", " ", response.text))


@pytest.mark.anyio
async def test_the_follow_up_page_shows_each_step_to_the_second(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        await wire.done("DongBoHoSoMC", data=[hoso(status=4)])
        rows = [row(2, "080107", PhongBanXuLy="Một cửa"), row(4, "093059", NoiDungXuLy="Thẩm tra")]
        await wire.done("CapNhatTienDoHoSoMC", data=rows)
        page = await wire.http.get(f"/ho-so/{CODE}")
        assert page.status_code == 200
        words = text_of(page)
        for shown in ("Thủ tục đăng ký khai sinh", "Đang xử lý", "08:01:07", "09:30:59", "15/03/2023", "Một cửa"):
            assert shown in words
        assert "20/03/2023" in words
        assert "còn 5 ngày" in words
        assert "N••• T••• H••• Á•••" in words
        assert "Thẩm tra" not in words
        assert page.text.index("09:30:59") < page.text.index("08:01:07"), "the newest step stands first"


@pytest.mark.anyio
async def test_proof_opens_the_page_for_a_while(open_on_sqlite: OpenPortal, clock: FixedClock) -> None:
    async with open_on_sqlite() as wire:
        await wire.done("DongBoHoSoMC", data=[hoso(status=4)])
        wrong = await prove(wire, CODE, "0905999999")
        assert wrong.status_code == 403
        assert "không khớp" in text_of(wrong)
        right = await prove(wire, CODE)
        assert (right.status_code, right.headers["location"]) == (303, f"/ho-so/{CODE}")
        cookie = right.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Nguyễn Thị Hồng Ánh" in text_of(await wire.http.get(f"/ho-so/{CODE}"))
        clock.advance(timedelta(minutes=15))
        assert "Nguyễn Thị" not in text_of(await wire.http.get(f"/ho-so/{CODE}"))


@pytest.mark.anyio
async def test_the_live_part_answers_304_until_something_changes(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        await wire.done("DongBoHoSoMC", data=[hoso()])
        page = await wire.http.get(f"/ho-so/{CODE}")
        etag = unescape(re.search(r'data-etag="([^"]+)"', page.text)[1])  # type: ignore[index]
        same = await wire.http.get(f"/ho-so/{CODE}/moi", headers={"If-None-Match": etag})
        assert (same.status_code, same.content) == (304, b"")
        await wire.done("CapNhatTienDoHoSoMC", data=[row(2, "080107")])
        changed = await wire.http.get(f"/ho-so/{CODE}/moi", headers={"If-None-Match": etag})
        assert changed.status_code == 200
        assert "08:01:07" in changed.text
        assert "<html" not in changed.text
        assert changed.headers["etag"] != etag


@pytest.mark.anyio
async def test_pages_speak_both_languages_and_remember_which(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite() as wire:
        assert "Tra cứu hồ sơ" in text_of(await wire.http.get("/"))
        english = await wire.http.get("/?lang=en")
        assert 'lang="en"' in english.text
        assert "Follow a dossier" in text_of(english)
        assert "Submit a dossier online" in text_of(await wire.http.get("/nop-ho-so"))
        assert "Nộp hồ sơ trực tuyến" in text_of(await wire.http.get("/nop-ho-so?lang=vi"))


@pytest.mark.anyio
async def test_looking_up_leads_to_the_dossier(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite() as wire:
        found = await wire.http.get("/tra-cuu", params={"ma": f" {CODE.lower()} "})
        assert (found.status_code, found.headers["location"]) == (303, f"/ho-so/{CODE}")
        assert (await wire.http.get("/tra-cuu?ma=")).headers["location"] == "/"
        tricky = await wire.http.get("/tra-cuu", params={"ma": "//evil.example/%0d%0aX: y"})
        assert tricky.headers["location"].startswith("/ho-so/%2F%2FEVIL")


@pytest.mark.anyio
async def test_an_unknown_code_gets_a_page_that_helps(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite() as wire:
        for path in (f"/ho-so/{CODE}", "/ho-so/<script>", "/ho-so/DV230315-00000000"):
            page = await wire.http.get(path)
            assert page.status_code == 404
            assert "Không tìm thấy hồ sơ" in text_of(page)
            assert "<script>alert" not in page.text


@pytest.mark.anyio
async def test_a_form_is_submitted_once_however_often_it_is_sent(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        path = "/nop-ho-so?tthc=1.001193"
        first = await wire.http.post(path, data={**FIELDS, **BIRTH})
        assert first.status_code == 303, text_of(first)
        second = await wire.http.post(path, data={**FIELDS, **BIRTH})
        assert second.headers["location"] == first.headers["location"]
        (told,) = await poll(wire)
        assert first.headers["location"] == f"/ho-so/{told['MaThamChieu']}"
        page = await wire.http.get(first.headers["location"])
        assert "Nguyễn Thị Hồng Ánh" in text_of(page), "who has just submitted sees everything"
        assert "Đang chuyển tới cơ quan tiếp nhận" in text_of(page)


@pytest.mark.anyio
async def test_a_bad_form_comes_back_with_what_was_typed(open_on_sqlite: OpenPortal) -> None:
    async with open_on_sqlite() as wire:
        bad = {**FIELDS, **BIRTH, "personal_id": "0521", "form.child_name": "", "phone": "<b>1</b>"}
        page = await wire.http.post("/nop-ho-so?tthc=1.001193", data=bad)
        assert page.status_code == 422
        assert 'value="0521"' in page.text
        assert "&lt;b&gt;1&lt;/b&gt;" in page.text
        words = text_of(page)
        for named in ("12 chữ số", "Họ, chữ đệm, tên của trẻ", "Số điện thoại phải là số Việt Nam"):
            assert named in words
        assert await poll(wire) == []


@pytest.mark.anyio
async def test_supplement_and_withdrawal_from_the_page(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        reference = await submit(wire)
        await wire.done("DongBoHoSoMC", data=[hoso(status=5, SoBienNhan=reference)])
        refused = await wire.http.post(f"/ho-so/{reference}/bo-sung", data={"content": "x"})
        assert refused.status_code == 403
        await prove(wire, CODE)
        empty = await wire.http.post(f"/ho-so/{reference}/bo-sung", data={"once": "a", "content": " "})
        assert empty.status_code == 422
        for path, data in (("bo-sung", {"content": "Giấy chứng sinh"}), ("rut", {"reason": "Đổi ý"})):
            for _ in range(2):
                sent = await wire.http.post(f"/ho-so/{reference}/{path}", data={"once": path, **data})
                assert sent.status_code == 303, text_of(sent)
        told = [(each["LoaiYeuCau"], each.get("NoiDung")) for each in await poll(wire)]
        assert told == [("1", None), ("2", "Giấy chứng sinh"), ("3", "Đổi ý")]
        again = await wire.http.post(f"/ho-so/{reference}/rut", data={"once": "new", "reason": "Nữa"})
        assert again.status_code == 409
        assert "đã được gửi" in text_of(again)


@pytest.mark.anyio
async def test_questions_from_the_page(open_portal: OpenPortal) -> None:
    async with open_portal() as wire:
        asked = {"once": "q", "agency": "H08", "title": "Lệ phí", "content": "Bao nhiêu?"}
        sent = await wire.http.post("/hoi-dap", data=asked)
        assert sent.status_code == 303
        assert "Đã nhận câu hỏi" in text_of(await wire.http.get(sent.headers["location"]))
        bad = await wire.http.post("/hoi-dap", data={**asked, "title": "", "agency": "H99"})
        assert bad.status_code == 422
        assert 'aria-invalid="true"' in bad.text


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/", "/nop-ho-so", "/nop-ho-so?tthc=1.001193", "/hoi-dap", f"/ho-so/{CODE}"])
async def test_every_page_is_guarded_and_self_contained(open_on_sqlite: OpenPortal, path: str) -> None:
    async with open_on_sqlite() as wire:
        await wire.done("DongBoHoSoMC", data=[hoso()])
        page = await wire.http.get(path)
        assert page.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert page.headers["cache-control"] == "no-store"
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page.text), "nothing from elsewhere"
        assert "style=" not in page.text
        for asset in re.findall(r'(?:src|href)="(/assets/[^"]+)"', page.text):
            answer = await wire.http.get(asset)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]
        assert (await wire.http.get("/assets/000000000000/portal.css")).status_code == 404
        assert (await wire.http.get("/assets/x/..%2f..%2fapp.py")).status_code == 404


@pytest.mark.anyio
@pytest.mark.parametrize(
    "body", [b"\xff\xfe", b"once=%ff", b"content=%00", b"&".join([b"a=1"] * 400), b"x" * 300_000]
)
async def test_a_malformed_form_is_refused_with_a_page(open_on_sqlite: OpenPortal, body: bytes) -> None:
    async with open_on_sqlite() as wire:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        for path in ("/nop-ho-so?tthc=1.001193", "/hoi-dap"):
            page = await wire.http.post(path, content=body, headers=headers)
            assert page.status_code in (400, 413)
            assert "Chưa thực hiện được" in text_of(page)


@pytest.mark.anyio
async def test_what_people_wrote_never_becomes_markup(open_on_sqlite: OpenPortal) -> None:
    attack = "<script>alert(1)</script>\"'><img src=x>"
    async with open_on_sqlite() as wire:
        told = hoso(
            status=5,
            ChuHoSo=attack,
            TenTTHC=attack,
            DonViXuLy=attack,
            DanhSachGiayToKetQua=[{"TenGiayTo": attack, "DuongDanTepTinKetQua": "javascript:alert(1)"}],
            DanhSachHoSoBoSung=[{"NoiDungBoSung": attack}],
        )
        await wire.done("DongBoHoSoMC", data=[told])
        step = row(2, "080000", NoiDungXuLy=attack, PhongBanXuLy=attack, NguoiXuLy=attack[:50])
        await wire.done("CapNhatTienDoHoSoMC", data=[step])
        await prove(wire, CODE)
        page = await wire.http.get(f"/ho-so/{CODE}")
        assert attack in text_of(page).replace("  ", " ")
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "javascript:" not in page.text


# -- small parts -------------------------------------------------------------------------------------------
@given(st.text(), st.text())
def test_elements_escape_their_text_and_attributes(value: str, text: str) -> None:
    markup = el("p", {"title": value, "hidden": False, "required": True}, text, [None, Html("<b>")])
    inside = re.fullmatch(r'<p title="([^"<>]*)" required>(.*)<b></p>', markup, re.DOTALL)
    assert inside is not None
    assert unescape(inside[1]) == unescape(value) or inside[1] != value
    assert "<" not in inside[2]
    assert ">" not in inside[2]


def test_children_may_nest_and_void_elements_have_none() -> None:
    assert join("a", ["<", [el("br")]], 1, None) == "a&lt;<br>1"
    with pytest.raises(TypeError):
        el("p", None, object())


@pytest.mark.parametrize("procedure", procedures(), ids=lambda each: each.code)
def test_every_form_can_be_drawn_and_read(procedure: Any) -> None:
    for language in ("vi", "en"):
        fields = fields_of(procedure.code, language)  # type: ignore[arg-type]
        assert fields
        assert len({each.name for each in fields}) == len(fields)
    if not {"required", "anyOf", "oneOf"} & form_schema(procedure.code).keys():
        check_form(procedure.code, read_form(procedure.code, {}))


@pytest.mark.parametrize("procedure", procedures(), ids=lambda each: each.code)
def test_every_choice_has_a_name_in_both_languages(procedure: Any) -> None:
    for field in fields_of(procedure.code, "vi"):
        assert {str(value) for value in field.schema.get("enum", ())} <= form_words().keys()


def test_lists_of_groups_numbers_and_yes_or_no_are_read() -> None:
    typed = {
        "form.residences": "2019-01 | 2021-06 | Quy Nhơn | Công nhân\n2021-07 | | Tuy Phước",
        "form.bankruptcy_ban": "true",
    }
    assert read_form("2.000488", typed) == {
        "residences": [
            {"from": "2019-01", "to": "2021-06", "place": "Quy Nhơn", "occupation": "Công nhân"},
            {"from": "2021-07", "place": "Tuy Phước"},
        ],
        "bankruptcy_ban": True,
    }


def test_a_form_is_read_into_the_types_of_its_schema() -> None:
    read = read_form("1.001193", {**BIRTH, "form.father.full_name": "  ", "unknown": "x"})
    assert read == {
        "child_name": "Nguyễn Minh Khôi",
        "child_sex": "male",
        "child_born_at": "2023-03-10T08:00:00+07:00",
        "place_of_birth": "Quy Nhơn",
        "mother": {"full_name": "Nguyễn Thị Hồng Ánh"},
    }
    check_form("1.001193", read)
    business = {
        "form.business_name": "An",
        "form.address": "Quy Nhơn",
        "form.lines_of_business": "Bán lẻ\n\n Ăn uống ",
        "form.capital_vnd": "100.000.000",
    }
    read = read_form("1.001612", business)
    assert read["lines_of_business"] == ["Bán lẻ", "Ăn uống"]
    assert read["capital_vnd"] == 100_000_000
    assert read_form("2.000815", {"form.copies": "hai"}) == {"copies": "hai"}


def test_every_status_has_its_advice_and_its_colour() -> None:
    for status in (None, *DossierStatus):
        assert views.ADVICE[status].vi
        assert follow.TONES[status]


def test_every_text_is_there_in_both_languages() -> None:
    found = [value for value in vars(texts).values() if isinstance(value, Text)]
    assert len(found) > 80
    for each in found:
        assert each.vi
        assert each.en
        assert set(re.findall(r"{\w+}", each.vi)) == set(re.findall(r"{\w+}", each.en))
