"""A small portal of the tests' own: a real HTTP server on a free port that speaks the wire format, keeps what it
is told by the rules of domain 1.6, and misbehaves on command.

It shares no code with the stand-in portal, so that the two do not make the same mistake.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from contracts.status import DossierStatus, next_statuses

Call = dict[str, Any]


class Fault(StrEnum):
    """What can happen to one call."""

    HTML = "html"
    EMPTY = "empty"
    HALF = "half a document"
    SHAPE = "another shape"
    ERROR_TEXT = "success with an error text"
    INTERNAL = "500"
    AWAY = "503"
    BUSY = "429"
    DROP = "dropped before the work"
    LOST_REPLY = "dropped after the work"
    EXPIRED = "session expired"
    GARBAGE = "not even HTTP"


HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
BODIES = {
    Fault.HTML: (200, HTML),
    Fault.EMPTY: (200, b""),
    Fault.HALF: (200, b'{"error_code":"0","mess'),
    Fault.SHAPE: (200, b'["ok"]'),
    Fault.ERROR_TEXT: (200, '{"error_code":"0","message":"Lỗi kết nối cơ sở dữ liệu"}'.encode()),
    Fault.INTERNAL: (500, b"java.lang.NullPointerException"),
    Fault.AWAY: (503, HTML),
    Fault.BUSY: (429, b""),
}


@dataclass
class HeldDossier:
    """`rows` are (ThoiDiemXuLy, TrangThai) in order of arrival."""

    item: dict[str, Any]
    rows: list[tuple[str, int]] = field(default_factory=list)

    @property
    def statuses(self) -> list[int]:
        return [status for _, status in self.rows]


@dataclass
class WirePortal:
    """`script` is used up call by call (logins and polls aside; None: nothing happens); `refuses` refuses a
    call for its content."""

    url: str = ""
    port: int = 0
    dossiers: dict[str, HeldDossier] = field(default_factory=dict)
    script: deque[Fault | None] = field(default_factory=deque)
    refuses: Callable[[Call], bool] = lambda call: False
    names_the_bad: bool = True
    max_dossiers: int = 1
    max_rows: int = 10
    success_code: str | int = "0"
    password: str = "secret"
    calls: list[Call] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    logins: int = 0
    away: bool = False
    hanging: asyncio.Event | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    acknowledged: list[tuple[str, str]] = field(default_factory=list)
    declined: list[dict[str, Any]] = field(default_factory=list)
    sending: set[str] = field(default_factory=set)
    overlaps: int = 0
    _sessions: set[str] = field(default_factory=set)

    def verbs(self, code: str | None = None) -> list[str]:
        """The verbs called so far, polls aside; with a code, those about it."""
        return [
            call["service"]
            for call in self.calls
            if not call["service"].startswith("LayDanhSach")
            and (code is None or any(item.get("MaHoSo") == code for item in call.get("data", [])))
        ]

    # -- the wire ------------------------------------------------------------------------------------------

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lines = head.split("\r\n")
                headers = {
                    name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                await self._answer(lines[0].split(" ")[1], headers, json.loads(body or b"{}"), writer)
        writer.close()

    async def _answer(self, path: str, headers: dict[str, str], call: Call, writer: asyncio.StreamWriter) -> None:
        if self.away:
            writer.transport.abort()
            return
        if path == "/v1/export":
            await _write(writer, 200, self._listed())
            return
        if path.endswith("/login"):
            self.logins += 1
            await _write(writer, 200, json.dumps(self._log_in(call)).encode())
            return
        assert headers["dstcode"]
        self.calls.append(call)
        self.headers.append(headers)
        codes = {item["MaHoSo"] for item in call.get("data", []) if "MaHoSo" in item}
        self.overlaps += len(codes & self.sending)
        self.sending |= codes
        try:
            if self.hanging is not None:
                await self.hanging.wait()
            await self._suffer(call, writer)
        finally:
            self.sending -= codes

    async def _suffer(self, call: Call, writer: asyncio.StreamWriter) -> None:
        polling = call["service"].startswith("LayDanhSach")
        fault = self.script.popleft() if self.script and not polling else None
        await asyncio.sleep(0)
        if fault is Fault.EXPIRED:
            self._sessions.discard(call["session"])
        if fault is Fault.DROP:
            writer.transport.abort()
        elif fault is Fault.GARBAGE:
            writer.write(b"\x16\x03\x01 nonsense\r\n\r\n")
            writer.close()
        elif fault in BODIES:
            await _write(writer, *BODIES[fault])
        else:
            reply = json.dumps(self._reply(call)).encode()
            if fault is Fault.LOST_REPLY:
                writer.transport.abort()
            else:
                await _write(writer, 200, reply)

    def _listed(self) -> bytes:
        """What the stand-in portal lists at GET /v1/export."""
        lines = [
            {
                "code": code,
                "status": int(held.item["TrangThaiHoSo"]),
                "steps": [[at, status, arrival] for arrival, (at, status) in enumerate(held.rows, start=1)],
            }
            for code, held in sorted(self.dossiers.items())
        ]
        return b"".join(json.dumps(line).encode() + b"\n" for line in lines)

    # -- what it does --------------------------------------------------------------------------------------

    def _log_in(self, call: Call) -> dict[str, Any]:
        if call["password"] != self.password:
            return {"error_code": "-1", "message": "Tên đăng nhập hoặc mật khẩu không đúng"}
        session = f"session-{self.logins}"
        self._sessions.add(session)
        return {"error_code": self.success_code, "message": "Đăng nhập thành công", "session": session}

    def _reply(self, call: Call) -> dict[str, Any]:
        if call["session"] not in self._sessions:
            return {"error_code": "-2", "message": "Phiên làm việc không tồn tại hoặc đã hết hạn"}
        if self.refuses(call):
            bad = [{"MaHoSo": each["MaHoSo"]} for each in call.get("data", []) if self.refuses({"data": [each]})]
            reply = {"error_code": "-1", "message": "Dữ liệu không hợp lệ: MaTTHC"}
            return {**reply, "result": bad} if bad and self.names_the_bad else reply
        match call["service"]:
            case "DongBoHoSoMC":
                return self._sync(call)
            case "CapNhatTienDoHoSoMC":
                return self._progress(call["data"])
            case "TraCuuHoSo":
                return self._lookup(call["mahoso"])
            case "LayDanhSachYeuCauGuiTuDVCQG":
                return self._ok(self._waiting(int(call["soLuong"])))
            case "XacNhanYeuCauGuiTuDVCQG":
                self.acknowledged += [(each["MaThamChieu"], each["SoYeuCau"]) for each in call["data"]]
            case "DongBoPhanHoiYeuCauGuiTuDVCQG":
                self.declined += call["data"]
            case other:
                return {"error_code": "-1", "message": f"service {other}"}
        return self._ok()

    def _ok(self, result: Any = None) -> dict[str, Any]:
        reply = {"error_code": self.success_code, "message": "Thực hiện thành công"}
        return reply if result is None else {**reply, "result": result}

    def _sync(self, call: Call) -> dict[str, Any]:
        items, updating = call["data"], call["isUpdating"] == "True"
        assert 1 <= len(items) <= self.max_dossiers
        known = [{"MaHoSo": each["MaHoSo"]} for each in items if each["MaHoSo"] in self.dossiers]
        if not updating and known:
            return {"error_code": "3", "message": "Hồ sơ đã tồn tại", "result": known}
        if updating and len(known) < len(items):
            unknown = [{"MaHoSo": each["MaHoSo"]} for each in items if each["MaHoSo"] not in self.dossiers]
            message = "Không đồng bộ được: hồ sơ chưa tồn tại trên Cổng"
            return {"error_code": "-1", "message": message, "result": unknown}
        for item in items:
            self.dossiers.setdefault(item["MaHoSo"], HeldDossier(item)).item = item
        return self._ok()

    def _progress(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        assert 1 <= len(rows) <= self.max_rows
        for row in rows:
            if row["MaHoSo"] not in self.dossiers:
                return {"error_code": "-1", "message": "Hồ sơ chưa tồn tại trên Cổng"}
        for row in rows:
            held = self.dossiers[row["MaHoSo"]].rows
            key = (row["ThoiDiemXuLy"], int(row["TrangThai"]))
            if key in held or (held and key[0] < held[-1][0]):
                continue
            before = DossierStatus(held[-1][1]) if held else None
            if key[1] not in next_statuses(before):
                return {"error_code": "-1", "message": f"TrangThai {before} -> {key[1]} không hợp lệ"}
            held.append(key)
        return self._ok()

    def _lookup(self, code: str) -> dict[str, Any]:
        held = self.dossiers.get(code)
        if held is None:
            return {"error_code": "-1", "message": "Không tìm thấy hồ sơ"}
        return self._ok([{"MaHoSo": code, "TrangThaiHoSo": held.item["TrangThaiHoSo"]}])

    def _waiting(self, most: int) -> list[dict[str, Any]]:
        done = set(self.acknowledged)
        waiting = [each for each in self.requests if (each.get("MaThamChieu"), each.get("SoYeuCau")) not in done]
        return waiting[:most]


async def _write(writer: asyncio.StreamWriter, status: int, body: bytes) -> None:
    writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    await writer.drain()


@contextlib.asynccontextmanager
async def wire_portal(port: int = 0) -> AsyncIterator[WirePortal]:
    """A portal for the length of the block; with a port, where one was before."""
    portal = WirePortal()
    handlers: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(portal.serve(reader, writer))
        handlers.add(task)
        task.add_done_callback(handlers.discard)

    listening = await asyncio.start_server(connected, "127.0.0.1", port)
    portal.port = listening.sockets[0].getsockname()[1]
    portal.url = f"http://127.0.0.1:{portal.port}"
    try:
        yield portal
    finally:
        listening.close()
        for task in list(handlers):
            task.cancel()
        await asyncio.gather(*handlers, return_exceptions=True)
