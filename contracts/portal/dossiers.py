"""What a province pushes: a dossier (hồ sơ, `HoSo`) and the rows of its progress (tiến độ, `TienDo`).

Fields and limits: domain 1.3. The optional ones are optional because real senders leave them out. A province
puts the portal's own submission reference into `SoBienNhan` [derived], so the portal can tell whose it is.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.portal.wire import (
    DossierCodeText,
    Flag,
    Long,
    OneOrTwo,
    OneToThree,
    OptionalTime,
    PortalTime,
    ProcedureCodeText,
    Short,
    StatusText,
    Wire,
    ZeroToFour,
    ZeroToThree,
    ZeroToTwo,
    status_of,
)
from contracts.status import DossierStatus


class DinhDanh(Wire):
    """The owner's document: LoaiDinhDanh 1 = personal id (12 digits), 2 = CMND (9 digits)."""

    LoaiDinhDanh: OneOrTwo = None
    SoDinhDanh: Short = None


class KetNoiCSDL(Wire):
    """A database the province asked: MaCSDL "7" is taken as the population data (dân cư) [derived]."""

    MaCSDL: Short = None


class TaiLieu(Wire):
    """A paper handed in; DuocSoHoa, DuocLayTuKhoDMQG 0/1, DuocTaiSuDung 0/1/2."""

    TepDinhKemId: Short = None
    TenTepDinhKem: Long = None
    IsDeleted: Short = None
    MaThanhPhanHoSo: Short = None
    DuongDanTaiTepTin: Long = None
    DuocSoHoa: Flag = None
    DuocTaiSuDung: ZeroToTwo = None
    DuocLayTuKhoDMQG: Flag = None
    MaKetQuaThayThe: Short = None


class LePhi(Wire):
    """A fee; Gia in đồng, as a string."""

    TenPhiLePhi: Long = None
    MaPhiLePhi: Short = None
    HinhThucThu: Short = None
    Gia: Annotated[str | None, Field(pattern=r"^\d{0,15}$")] = None
    LoaiPhiLePhi: Short = None


class TepDinhKemKhac(Wire):
    TenGiayTo: Long = None
    SoLuong: Short = None
    LoaiGiayTo: Short = None


class HoSoBoSung(Wire):
    """One request for more papers and its answer; NgayHenTraTruoc -> NgayHenTraMoi is the moved due date."""

    HoSoBoSungId: Short = None
    NguoiYeuCauBoSung: Short = None
    NoiDungBoSung: Long = None
    NgayBoSung: OptionalTime = None
    NguoiTiepNhanBoSung: Short = None
    ThongTinTiepNhan: Long = None
    NgayTiepNhanBoSung: OptionalTime = None
    TrangThaiBoSung: Short = None
    DanhSachGiayToBoSung: list[TepDinhKemKhac] | None = None
    DanhSachLePhiBoSung: list[LePhi] | None = None
    NgayHenTraTruoc: OptionalTime = None
    NgayHenTraMoi: OptionalTime = None


class GiayToKetQua(Wire):
    TenGiayTo: Annotated[str | None, Field(max_length=2000)] = None
    MaThanhPhanHoSo: Short = None
    GiayToId: Short = None
    DuongDanTepTinKetQua: Long = None
    MaGiayToKetQua: Short = None


class HoSo(Wire):
    """A dossier as it stands now. KenhThucHien 1 direct (also null), 2 online, 3 post; LoaiDoiTuong
    1 citizen, 2 business, 3 agency, 4 other (0 in the 2026 variant); HinhThuc 0 direct, 1 post; NoiNopHoSo
    1 on the portal, 2 at the province; DuocThanhToanTrucTuyen 0 no, 1 portal, 2 province, 3 otherwise."""

    MaHoSo: DossierCodeText
    MaTTHC: ProcedureCodeText
    TenTTHC: Long = None
    MaLinhVuc: Short = None
    TenLinhVuc: Short = None
    KenhThucHien: OneToThree = None
    SoBienNhan: Short = None
    SoGiayToChuHoSo: Short = None
    ChuHoSo: Annotated[str, Field(min_length=1, max_length=500)]
    LoaiDoiTuong: ZeroToFour = None
    MaDoiTuong: Short = None
    DinhDanhCHS: list[DinhDanh] | None = None
    ThongTinKhac: Long = None
    Email: Short = None
    Fax: Short = None
    SoDienThoai: Short = None
    TrichYeuHoSo: Annotated[str | None, Field(max_length=1000)] = None
    GhiChu: Long = None
    ThongTinTra: Long = None
    NgayNopHoSo: PortalTime
    NgayTiepNhan: OptionalTime = None
    NgayHenTra: OptionalTime = None
    NgayKetThucXuLy: OptionalTime = None
    NgayTra: OptionalTime = None
    NgayTuChoi: OptionalTime = None
    TrangThaiHoSo: StatusText
    HinhThuc: Flag = None
    DonViXuLy: Short = None
    NoiNopHoSo: OneOrTwo = None
    HoSoCoThanhPhanSoHoa: Flag = None
    TaiKhoanDuocXacThucVoiVNeID: Flag = None
    DuocThanhToanTrucTuyen: ZeroToThree = None
    DSKetNoiCSDL: list[KetNoiCSDL] | None = None
    TaiLieuNop: list[TaiLieu] | None = None
    DanhSachLePhi: list[LePhi] | None = None
    DanhSachTepDinhKemKhac: list[TepDinhKemKhac] | None = None
    DanhSachHoSoBoSung: list[HoSoBoSung] | None = None
    DanhSachGiayToKetQua: list[GiayToKetQua] | None = None

    @property
    def status(self) -> DossierStatus:
        return status_of(self.TrangThaiHoSo)


class TienDo(Wire):
    """A step of progress; its key is (MaHoSo, ThoiDiemXuLy, TrangThai) [derived, domain 1.6]."""

    MaHoSo: DossierCodeText
    NguoiXuLy: Annotated[str | None, Field(max_length=50)] = None
    ChucDanh: Short = None
    ThoiDiemXuLy: PortalTime
    PhongBanXuLy: Short = None
    NoiDungXuLy: Long = None
    TrangThai: StatusText
    NgayBatDau: OptionalTime = None
    NgayKetThucTheoQuyDinh: OptionalTime = None

    @property
    def status(self) -> DossierStatus:
        return status_of(self.TrangThai)
