"""What the portal says back on the wire: always HTTP 200, a code, and a Vietnamese message.

On success the message contains "thành công", because some clients read nothing else. A refused call was not
done at all; `result` then says which item was wrong and why. No reply repeats personal data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from contracts.portal import ErrorCode, ItemError, PortalProfile

NAMED_IN_MESSAGE = 3
"""How many wrong items the message itself names; `result` has them all."""


@dataclass(frozen=True, slots=True)
class WireReply:
    """A reply before it is JSON. `result` is left out when it is None."""

    error_code: str | int
    message: str
    result: Any = None
    session: str | None = None

    def body(self) -> bytes:
        document: dict[str, Any] = {"error_code": self.error_code, "message": self.message}
        if self.session is not None:
            document["session"] = self.session
        if self.result is not None:
            document["result"] = self.result
        return orjson.dumps(document)


@dataclass(frozen=True, slots=True)
class Voice:
    """How this portal speaks: the codes of its profile."""

    profile: PortalProfile

    def ok(self, message: str, result: Any = None) -> WireReply:
        return WireReply(self.profile.success_code, message, result)

    def invalid(self, message: str, items: Sequence[ItemError] = ()) -> WireReply:
        return WireReply(ErrorCode.INVALID.value, _told(message, items), _wire(items))

    def duplicate(self, items: Sequence[ItemError]) -> WireReply:
        message = _told("Trùng mã hồ sơ trong một lần gửi", items)
        return WireReply(ErrorCode.DUPLICATE.value, message, _wire(items))

    def exists(self, items: Sequence[ItemError]) -> WireReply:
        return WireReply(self.profile.existing_code, _told("Hồ sơ đã tồn tại", items), _wire(items))

    def no_session(self) -> WireReply:
        return WireReply(
            self.profile.session_code, "Phiên làm việc không tồn tại hoặc đã hết hạn, hãy đăng nhập lại"
        )


def item_error(position: int, text: str, code: str | None = None) -> ItemError:
    """What is wrong with the item at `position` (from 0) of a call."""
    return ItemError(MaHoSo=code, ViTri=f"data[{position}]", MoTa=text)


def _told(message: str, items: Sequence[ItemError]) -> str:
    if not items:
        return message
    named = "; ".join(
        f"{item.MaHoSo or item.ViTri}: {item.MoTa}" if item.MoTa else (item.MaHoSo or item.ViTri)
        for item in items[:NAMED_IN_MESSAGE]
    )
    more = f" (và {len(items) - NAMED_IN_MESSAGE} mục khác)" if len(items) > NAMED_IN_MESSAGE else ""
    return f"{message}: {named}{more}"


def _wire(items: Sequence[ItemError]) -> list[dict[str, Any]] | None:
    return [item.wire() for item in items] or None
