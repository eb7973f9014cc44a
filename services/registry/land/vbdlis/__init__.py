"""Calls between one-stop software and land software (VBDLIS), in both directions (domain 5.2).

    one-stop ──► VBDLIS   TiepNhanHoSo, CapNhatTrangThaiBoSungHoSo, CapNhatKetQuaTraHoSo, PhanHoiHoSoSaiKetQua
    VBDLIS ──► one-stop   CungCapSoBienNhan, DongBoTrangThai..., DongBoKetQuaThue, ThongBaoNhapSaiThuTuc ...

Each side can be a real product: with `vbdlis_url` tasks are handed to a VBDLIS, whose calls become answers; with
`onestop_url` a one-stop software hands in dossiers and is told how they go. Names are spelled as the field spells
them, here and nowhere else.
"""
