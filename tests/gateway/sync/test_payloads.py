"""What is sent: the portal's spelling, within its limits, and a second of its own for every step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events.dossier import Applicant, Attachment, Fee, StatusChanged, Supplement
from contracts.portal import HoSo, TienDo
from contracts.status import Channel, DossierStatus
from gateway.sync.payloads import chunks, dossier_item, progress_row, wire_second, wire_time
from tests.gateway.sync.province import NOON, code_of, snapshot


def told(**changes: object) -> StatusChanged:
    return StatusChanged(
        code=code_of(1),
        status=DossierStatus.IN_PROGRESS,
        at=NOON,
        officer="Trần Thị Bình",
        department="Một cửa",
        dossier=snapshot(**changes),
    )


FULL = {
    "channel": Channel.POST,
    "applicant": Applicant(
        personal_id="215123456", full_name="N" * 900, phone="0912345678", email="a@b.vn", kind=2
    ),
    "summary": "t" * 2000,
    "portal_reference": "DVCQG-1",
    "received_at": NOON + timedelta(hours=1),
    "due_at": NOON + timedelta(days=5),
    "completed_at": NOON + timedelta(days=4),
    "returned_at": NOON + timedelta(days=5),
    "refused_at": NOON,
    "verification": "matched",
    "fees": (Fee(code="P1", name="Lệ phí", amount_vnd=20_000, paid=True, online=True),),
    "attachments": (
        Attachment(id="1", name="n" * 5000, component="TP1", sha256="0" * 64, size=1, digitised=True),
        Attachment(id="2", name="b", sha256="0" * 64, size=1, reused=True),
    ),
    "supplements": (
        Supplement(
            id="s1",
            requested_at=NOON,
            requested_by="B",
            content="bổ sung",
            answered_at=NOON + timedelta(days=1),
            due_before=NOON,
            due_after=NOON + timedelta(days=2),
        ),
    ),
    "results": (Attachment(id="3", name="Kết quả", component="KQ", sha256="0" * 64, size=1),),
}


@pytest.mark.parametrize("changes", [{}, FULL])
def test_a_dossier_is_what_the_contract_says(changes: dict[str, object]) -> None:
    item = dossier_item(told(**changes))
    assert HoSo.model_validate(item).wire() == item


def test_a_dossier_in_the_portals_words() -> None:
    item = dossier_item(told(**FULL))
    assert item["MaHoSo"] == code_of(1)
    assert item["KenhThucHien"] == "3"
    assert item["HinhThuc"] == "1"
    assert item["NoiNopHoSo"] == "1"
    assert item["SoBienNhan"] == "DVCQG-1"
    assert item["DinhDanhCHS"] == [{"LoaiDinhDanh": "2", "SoDinhDanh": "215123456"}]
    assert item["TrangThaiHoSo"] == "4"
    assert item["NgayNopHoSo"] == "20230301120000"
    assert item["NgayHenTra"] == "20230306120000"
    assert item["DuocThanhToanTrucTuyen"] == "2"
    assert item["DSKetNoiCSDL"] == [{"MaCSDL": "7"}]
    assert item["HoSoCoThanhPhanSoHoa"] == "1"
    assert item["DanhSachHoSoBoSung"][0]["TrangThaiBoSung"] == "1"
    assert item["DanhSachLePhi"] == [{"TenPhiLePhi": "Lệ phí", "MaPhiLePhi": "P1", "Gia": "20000"}]


def test_what_the_province_does_not_know_stays_absent() -> None:
    item = dossier_item(told())
    assert not item.keys() & {"SoBienNhan", "Email", "NgayHenTra", "DanhSachHoSoBoSung", "MaDoiTuong"}
    assert item["DSKetNoiCSDL"] == []


def test_a_row_is_what_the_contract_says_and_within_its_limits() -> None:
    row = progress_row(
        code_of(1), 5, 1_677_646_800, officer="o" * 99, department="d" * 999, note="n" * 9999, due_at=NOON
    )
    assert TienDo.model_validate(row).wire() == row
    assert (len(row["NguoiXuLy"]), len(row["NoiDungXuLy"])) == (50, 4000)
    assert (row["ThoiDiemXuLy"], row["TrangThai"]) == ("20230301120000", "5")


@given(st.lists(st.integers(0, 5_000_000), min_size=1, max_size=30))
def test_every_step_has_a_second_of_its_own_in_order(micros: list[int]) -> None:
    """Whatever the steps' times, even running backwards: seconds increase, none is before its step's own,
    and only as late as it must be."""
    seconds: list[int] = []
    for micro in micros:
        at = NOON + timedelta(microseconds=micro)
        second = wire_second(at, seconds[-1] if seconds else None)
        own = int(at.timestamp())
        assert second == own or second == seconds[-1] + 1
        assert second >= own
        seconds.append(second)
    assert seconds == sorted(set(seconds))
    texts = [wire_time(second) for second in seconds]
    assert texts == sorted(set(texts))


def test_wire_time_is_vietnams() -> None:
    assert wire_time(int(datetime(2023, 12, 31, 17, 0, 1, tzinfo=UTC).timestamp())) == "20240101000001"


@given(st.lists(st.integers(), max_size=50), st.integers(1, 12))
def test_chunks_keep_everything_in_order(rows: list[int], size: int) -> None:
    parts = chunks(rows, size)
    assert [row for part in parts for row in part] == rows
    assert all(0 < len(part) <= size for part in parts)
