"""The paper: what stands on it, what lies in it, and what typesetting may cost."""

from __future__ import annotations

import asyncio
import io
import threading
from datetime import UTC, date, datetime
from typing import Any

import pypdf
import pytest

from contracts.catalogue.result_kinds import ResultKind, result_kinds
from contracts.problems import UNAVAILABLE, Problem
from contracts.results import ElectronicResult, IssuingAgency, Owner, ResultState
from services.dossier.results import press
from services.dossier.results.press import Job, Press, typeset
from services.dossier.results.settings import ResultSettings
from tests.services.dossier.results.conftest import SINGLE, VERIFY_URL
from tests.services.dossier.results.test_kinds import sample

DOCUMENT = '{"result":{"tên":"Ặ"},"signature":"x"}'.encode()


def job(kind: str = "marital-status-certificate", state: ResultState = ResultState.VALID, **content: Any) -> Job:
    result = ElectronicResult(
        id="x",
        kind=kind,
        code="H08-KQ000104",
        number="12/2023",
        owner=Owner(id="052090000123", name="Nguyễn Văn An"),
        dossier_code="H08.31.21-230301-0001",
        procedure_code="1.004873",
        agency=IssuingAgency(code="H08.31.21", name="Ủy ban nhân dân phường Nhơn Bình"),
        issued_at=datetime(2023, 3, 1, 17, 30, tzinfo=UTC),
        valid_until=date(2023, 9, 2),
        content=content or SINGLE,
        verification_code="CQR0-JSJV-40WF-VBHE",
        supersedes=None,
    )
    return Job(result, state, "the-key", DOCUMENT)


def read(pdf: bytes) -> tuple[pypdf.PdfReader, str]:
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return reader, " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_what_stands_on_it() -> None:
    pdf = typeset(job(), VERIFY_URL)
    assert pdf.startswith(b"%PDF-")
    reader, text = read(pdf)
    assert len(reader.pages) == 1
    for expected in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "UBND THÀNH PHỐ QUY NHƠN",
        "ỦY BAN NHÂN DÂN PHƯỜNG NHƠN BÌNH",
        "GIẤY XÁC NHẬN TÌNH TRẠNG HÔN NHÂN",
        "Ngày 02 tháng 03 năm 2023",
        "Nguyễn Văn An",
        "17/05/1990",
        "Chưa đăng ký kết hôn với ai",
        "02/09/2023",
        "Đã ký số",
        "CQR0-JSJV-40WF-VBHE",
        "Chủ sở hữu kết quả: Nguyễn Văn An, 052090000123",
        VERIFY_URL,
        "H08.31.21-230301-0001",
    ):
        assert expected in text, expected
    assert "THU HỒI" not in text
    metadata = reader.metadata
    assert metadata is not None
    assert metadata.title == "Giấy xác nhận tình trạng hôn nhân CQR0-JSJV-40WF-VBHE"


def test_the_signed_document_lies_in_it_byte_for_byte() -> None:
    reader, _ = read(typeset(job(), VERIFY_URL))
    assert reader.attachments["ket-qua.json"] == [DOCUMENT]


def test_it_is_for_keeping_and_for_reading_aloud() -> None:
    pdf = typeset(job(), VERIFY_URL)
    reader, _ = read(pdf)
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "vi"
    assert "/StructTreeRoot" in root
    described = root["/Metadata"].get_data()
    assert b"pdfaid:part>3<" in described
    assert b"pdfaid:conformance>A<" in described
    fonts = {name for page in reader.pages for name in page["/Resources"]["/Font"]}
    assert fonts, "fonts are in the file"
    assert typeset(job(), VERIFY_URL) == pdf, "the same result gives the same paper"


@pytest.mark.parametrize(
    ("state", "stamp"),
    [
        (ResultState.REVOKED, "KẾT QUẢ ĐÃ BỊ THU HỒI"),
        (ResultState.SUPERSEDED, "KẾT QUẢ ĐÃ ĐƯỢC THAY THẾ"),
        (ResultState.EXPIRED, "KẾT QUẢ ĐÃ HẾT HẠN"),
    ],
)
def test_what_does_not_hold_is_stamped(state: ResultState, stamp: str) -> None:
    assert stamp in read(typeset(job(state=state), VERIFY_URL))[1]


@pytest.mark.parametrize("kind", result_kinds(), ids=lambda kind: kind.name)
def test_every_kind_can_be_printed(kind: ResultKind) -> None:
    reader, text = read(typeset(job(kind.name, **sample(kind)), VERIFY_URL))
    assert len(reader.pages) <= 2
    for field in kind.fields:
        assert field.label.vi.split()[0] in text


@pytest.mark.parametrize(
    "text",
    [
        '#panic("x")',
        '#read("/etc/passwd") $x^2$ *đậm* _nghiêng_ `mã` <nhãn> @nhãn // chú thích /* */ \\ ]',
        "Ẵ Ẳ Ằ Ẫ Ở Ỡ ứ ữ ừ ỳ ỵ ỷ ỹ Đ đ",
        "chữ " * 800,
        "khôngcódấucách" * 60,
        "日本 العربية 😀 \u202e \x07",
        "một\nhai\n\nba",
    ],
)
def test_text_is_text(text: str) -> None:
    reader, shown = read(typeset(job(full_name=text, number="1"), VERIFY_URL))
    assert len(reader.pages) < 9
    if text.startswith(("#", "Ẵ")):
        assert text.replace(" ", "") in shown.replace(" ", "")
    assert reader.attachments["ket-qua.json"] == [DOCUMENT]


@pytest.mark.anyio
async def test_a_paper_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def slow(*_: object) -> bytes:
        release.wait(20)
        return b"%PDF-"

    monkeypatch.setattr(press, "typeset", slow)
    made = Press(ResultSettings(paper_timeout_s=0.05, paper_threads=1, papers_waiting=2))
    try:
        for _ in range(2):
            with pytest.raises(Problem) as caught:
                await made.print(job())
            assert caught.value.type is UNAVAILABLE
        started = asyncio.get_running_loop().time()
        with pytest.raises(Problem):
            await made.print(job())
        assert asyncio.get_running_loop().time() - started < 0.05, "a third one is not even taken"
        release.set()
        for _ in range(200):
            if made._under_way == 0:
                break
            await asyncio.sleep(0.01)
        assert await made.print(job()) == b"%PDF-"
    finally:
        release.set()
        made.close()


@pytest.mark.anyio
async def test_many_at_once() -> None:
    made = Press(ResultSettings())
    try:
        papers = await asyncio.gather(*(made.print(job()) for _ in range(30)))
    finally:
        made.close()
    assert len(set(papers)) == 1
