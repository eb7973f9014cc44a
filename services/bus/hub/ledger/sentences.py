"""One sentence that explains a delay, in both languages: how late, and where the time went, longest hop first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from contracts.problems import Text
from services.bus.kit import receipts

HOP_WORDS: Final = {
    "publish": Text("hộp thư đi", "outbox"),
    "broker": Text("chờ ở trục", "broker"),
    "lane": Text("chờ đến lượt", "waiting its turn"),
    "errors": Text("lỗi của Cổng", "portal errors"),
    "call": Text("gọi Cổng", "portal call"),
}
APPLY: Final = Text("xử lý", "handler")
"""What `lane` is called within the province, where it ends with the reaction and not with a call."""

TROUBLES: Final = {
    "transport": Text("không trả lời", "no answer"),
    "overloaded": Text("quá tải", "overloaded"),
    "away": Text("502, 503, 504", "502, 503, 504"),
    "faulty": Text("lỗi 5xx", "5xx"),
    "rubbish": Text("trả lời không hiểu được", "unreadable answers"),
    "session": Text("phiên đăng nhập", "session"),
}
ENDINGS: Final = {
    receipts.DUPLICATE: Text("đã nhận từ trước, không làm gì", "had come before; nothing was done"),
    receipts.HELD: Text("phải chờ một sự kiện trước nó", "has to wait for an earlier event"),
    receipts.DEAD: Text("không xử lý được: thành thư chết", "could not be dealt with: a dead letter"),
    receipts.DISCARDED: Text("đã bỏ qua theo quyết định của người vận hành", "was discarded by an operator"),
}
WORTH_SAYING: Final = 0.02
"""Hops below this share of the whole are left out."""


def explanation(
    total: int | None,
    hops: Sequence[tuple[str, int | None]],
    *,
    outcome: int = receipts.APPLIED,
    to_portal: bool = False,
    attempts: int = 1,
    trouble: str | None = None,
) -> Text:
    """The sentence. Durations in microseconds; `hops` are names of `names.HOPS` with what each took."""
    if outcome != receipts.APPLIED:
        return ENDINGS[outcome]
    if total is None:
        return Text("không rõ lúc bắt đầu", "nobody knows when it began")
    skewed = [name for name, micros in hops if micros is not None and micros < 0]
    if total < 0 or skewed:
        return Text(
            "đồng hồ của các tiến trình lệch nhau: không tính được", "clocks disagree: the time cannot be told"
        )
    parts = sorted(
        ((micros, name) for name, micros in hops if micros is not None and micros >= total * WORTH_SAYING),
        reverse=True,
    )
    words = [_part(name, micros, to_portal, attempts, trouble) for micros, name in parts if micros]
    late = Text(f"chậm {duration(total, 'vi')}", f"late {duration(total, 'en')}")
    if not words:
        return late
    return Text(
        f"{late.vi}: {', '.join(word.vi for word in words)}", f"{late.en}: {', '.join(word.en for word in words)}"
    )


def _part(name: str, micros: int, to_portal: bool, attempts: int, trouble: str | None) -> Text:
    word = APPLY if name == "lane" and not to_portal else HOP_WORDS[name]
    vi, en = word
    if name == "errors":
        kind = TROUBLES.get(trouble or "")
        failed = attempts - 1
        if failed < 1:
            vi, en = f"{vi} (đang ngắt mạch)", f"{en} (circuit open)"
        else:
            vi += f" ({failed} lần{': ' + kind.vi if kind else ''})"
            en += f" ({failed} {'time' if failed == 1 else 'times'}{': ' + kind.en if kind else ''})"
    return Text(f"{duration(micros, 'vi')} {vi}", f"{duration(micros, 'en')} {en}")


def duration(micros: int, language: str) -> str:
    """As one would say it: 12 ms, 3,4 s (3.4 s), 41 s, 12 min, 3 h 5 min."""
    if micros < 999_500:
        return f"{max(round(micros / 1000), 0)} ms"
    if micros < 9_950_000:
        text = f"{micros / 1_000_000:.1f}"
        return f"{text.replace('.', ',') if language == 'vi' else text} s"
    seconds = round(micros / 1_000_000)
    minute, hour = ("phút", "giờ") if language == "vi" else ("min", "h")
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{round(seconds / 60)} {minute}"
    return f"{seconds // 3600} {hour} {seconds % 3600 // 60} {minute}"
