"""What problems speak of, named in both languages."""

from __future__ import annotations

from typing import Final

from contracts.problems.text import Text

THINGS: Final[dict[str, Text]] = {
    each.en: each
    for each in (
        Text("lần khai báo tạm vắng", "absence"),
        Text("tệp đính kèm", "attachment"),
        Text("công dân", "citizen"),
        Text("lượt nhập công dân", "citizen import"),
        Text("bản ghi hộ tịch", "civil record"),
        Text("đợt nhập sổ", "book import"),
        Text("bộ nhận sự kiện", "consumer"),
        Text("chỉ số", "indicator"),
        Text("nhóm chỉ số", "group of indicators"),
        Text("nội dung", "content"),
        Text("cơ sở dữ liệu", "database"),
        Text("thư chết", "dead letter"),
        Text("hồ sơ", "dossier"),
        Text("khoản phí, lệ phí", "fee"),
        Text("hộ gia đình", "household"),
        Text("dịch vụ cấp quyền (hub)", "hub"),
        Text("kết quả điện tử", "electronic result"),
        Text("thẻ căn cước", "id card"),
        Text("luồng đồng bộ của hồ sơ", "lane"),
        Text("tuyến liên thông", "link"),
        Text("thành viên", "member"),
        Text("tài khoản vận hành", "operator"),
        Text("thành phần hồ sơ", "paper"),
        Text("thủ tục", "procedure"),
        Text("sai lệch", "difference"),
        Text("lần đối soát", "reconciliation"),
        Text("nơi cư trú", "residence"),
        Text("biến động", "land change"),
        Text("thửa đất", "parcel"),
        Text("Giấy chứng nhận", "land certificate"),
        Text("hạn chế", "land restriction"),
        Text("lượt nhập dữ liệu đất đai", "land import"),
        Text("nơi lưu tệp", "storage"),
        Text("doanh nghiệp", "business"),
        Text("danh sách chi trả", "payment list"),
        Text("hệ thống giả lập", "stand-in"),
        Text("nhiệm vụ", "task"),
        Text("loại nhiệm vụ", "task kind"),
        Text("bộ phận dàn trang", "typesetting"),
        Text("lượt tải lên", "upload"),
        Text("tiến trình đọc tệp", "file reader"),
        Text("tiến trình đồng bộ", "sync"),
        Text("một bên của đối soát", "side of the comparison"),
    )
}
"""By their English name, which is what `Problem(..., what=...)` takes."""
