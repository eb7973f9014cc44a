"""What problems speak of, named in both languages."""

from __future__ import annotations

from typing import Final

from contracts.problems.text import Text

THINGS: Final[dict[str, Text]] = {
    each.en: each
    for each in (
        Text("tệp đính kèm", "attachment"),
        Text("công dân", "citizen"),
        Text("bộ nhận sự kiện", "consumer"),
        Text("nội dung", "content"),
        Text("cơ sở dữ liệu", "database"),
        Text("thư chết", "dead letter"),
        Text("hồ sơ", "dossier"),
        Text("khoản phí, lệ phí", "fee"),
        Text("hộ gia đình", "household"),
        Text("dịch vụ cấp quyền (hub)", "hub"),
        Text("thẻ căn cước", "id card"),
        Text("luồng đồng bộ của hồ sơ", "lane"),
        Text("thành viên", "member"),
        Text("thành phần hồ sơ", "paper"),
        Text("thủ tục", "procedure"),
        Text("lần đối soát", "reconciliation"),
        Text("nơi lưu tệp", "storage"),
        Text("lượt tải lên", "upload"),
    )
}
"""By their English name, which is what `Problem(..., what=...)` takes."""
