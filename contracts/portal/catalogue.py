"""The catalogues as the portal gives them: UPPERCASE keys, unlike everything else (domain 1.2)."""

from __future__ import annotations

from contracts.portal.wire import Wire


class ThuTucRutGon(Wire):
    """A row of LayDanhSachTTHC."""

    MATTHC: str
    TENTTHC: str
    MALINHVUC: str | None = None


class LinhVuc(Wire):
    """A row of LayDanhMucLinhVuc."""

    MALINHVUC: str
    TENLINHVUC: str
    MANGANH: str | None = None


class CoQuan(Wire):
    """A row of LayDanhMucCoQuan. CAPDONVI: 1 province, 2 district, 3 commune."""

    MADONVI: str
    TENDONVI: str
    CAPDONVI: str


class PhiLePhi(Wire):
    """SOTIEN in đồng."""

    MAPHILEPHI: str
    SOTIEN: str
    DONVI: str = "VNĐ"
    MOTA: str = ""


class ThoiGianThucHien(Wire):
    """THOIGIANGIAIQUYET counts in DONVITINH ("Ngày làm việc")."""

    THOIGIANGIAIQUYET: str
    DONVITINH: str
    MOTA: str = ""
    PHILEPHI: list[PhiLePhi]


class KenhThucHienThuTuc(Wire):
    """A way to carry the procedure out: KENH 1 direct, 2 online, 3 public post."""

    KENH: str
    THOIGIAN: list[ThoiGianThucHien]


class ThanhPhanHoSo(Wire):
    MATHANHPHAN: str
    TENTHANHPHAN: str


class KetQuaThucHien(Wire):
    MAKETQUA: str
    TENKETQUA: str


class CanCuPhapLy(Wire):
    SOVANBAN: str
    TENVANBAN: str


class ThuTuc(Wire):
    """The one row of LayThuTuc."""

    MATTHC: str
    TENTTHC: str
    LINHVUCTHUCHIEN: list[LinhVuc]
    TRINHTUTHUCHIEN: str
    CACHTHUCTHUCHIEN: list[KenhThucHienThuTuc]
    THANHPHANHOSO: list[ThanhPhanHoSo]
    KETQUATHUCHIEN: list[KetQuaThucHien]
    CANCUPHAPLY: list[CanCuPhapLy]
    COQUANTHUCHIEN: list[CoQuan]
    TRANGTHAI: str
