"""The sentence an agreement comes to. Pure."""

from __future__ import annotations

from contracts.statements import Agreement
from contracts.times import to_vn


def said(found: Agreement) -> tuple[str, str]:
    """In Vietnamese and in English."""
    at = to_vn(found.at)
    when_vi, when_en = f"{at:%H:%M:%S ngày %d/%m/%Y}", f"{at:%Y-%m-%d %H:%M:%S} (UTC+7)"
    number, rows = found.province.dossiers, found.province.rows
    if found.code is not None:
        what_vi, what_en = f"hồ sơ {found.code} ({rows} trạng thái)", f"dossier {found.code} ({rows} statuses)"
    else:
        assert found.day is not None
        what_vi = f"{number} hồ sơ lập ngày {found.day:%d/%m/%Y} ({rows} trạng thái)"
        what_en = f"{number} dossiers numbered on {found.day.isoformat()} ({rows} statuses)"
    with_vi = "Cổng DVCQG" if found.portal is not None else "những gì Cổng DVCQG đã xác nhận"
    with_en = "the national portal" if found.portal is not None else "what the national portal has acknowledged"
    if found.agree:
        return (
            f"Tỉnh và {with_vi} khớp nhau về {what_vi} lúc {when_vi}.",
            f"The province and {with_en} agree on {what_en} at {when_en}.",
        )
    way_vi = f"; {found.waiting} trạng thái đang trên đường" if found.waiting else ""
    way_en = f"; {found.waiting} statuses are on their way" if found.waiting else ""
    return (
        f"Tỉnh và {with_vi} không khớp nhau về {what_vi} lúc {when_vi}{way_vi}.",
        f"The province and {with_en} do not agree on {what_en} at {when_en}{way_en}.",
    )
