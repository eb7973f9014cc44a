"""Typesetting results: an A4 page in PDF/A with the verification code, its QR code, and the signed document
inside. Off the event loop, a few at a time, and never for longer than the settings allow."""

from __future__ import annotations

import asyncio
import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

import segno
import structlog
import typst

from contracts.catalogue.agencies import agency
from contracts.problems import UNAVAILABLE, Language, Problem, Text
from contracts.results import ElectronicResult, ResultState
from contracts.times import to_vn
from services.dossier.results import display, texts
from services.dossier.results.settings import ResultSettings

log = structlog.get_logger(__name__)

PDF_TYPE: Final = "application/pdf"
RETRY_AFTER_S: Final = 5


@dataclass(frozen=True, slots=True)
class Job:
    """What is printed. `document` is the signed document as it is handed out."""

    result: ElectronicResult
    state: ResultState
    key_id: str
    document: bytes


class Press:
    """One a process."""

    def __init__(self, settings: ResultSettings) -> None:
        self._settings = settings
        self._pool = ThreadPoolExecutor(settings.paper_threads, thread_name_prefix="press")
        self._under_way = 0

    async def print(self, job: Job) -> bytes:
        """The paper as PDF. Raises UNAVAILABLE if too many wait or it takes too long."""
        if self._under_way >= self._settings.papers_waiting:
            raise _busy()
        self._under_way += 1
        future = asyncio.get_running_loop().run_in_executor(
            self._pool, typeset, job, self._settings.verify_url, "pdf"
        )
        future.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(asyncio.shield(future), self._settings.paper_timeout_s)
        except TimeoutError:
            log.warning("paper.too-slow", kind=job.result.kind)
            raise _busy() from None

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _done(self, future: asyncio.Future[bytes]) -> None:
        self._under_way -= 1
        if not future.cancelled():
            future.exception()  # whoever waited was told; nobody else has to be


def typeset(job: Job, verify_url: str, format: Literal["pdf", "png"] = "pdf") -> bytes:
    """The paper. The same job gives the same bytes. Takes some milliseconds of a processor."""
    address = f"{verify_url}/{job.result.verification_code}"
    inputs = {
        "data": json.dumps(_words(job, address, verify_url), ensure_ascii=False),
        "qr": _qr(address),
        "document": job.document.decode(),
    }
    timestamp = int(job.result.issued_at.timestamp())
    if format == "png":
        return _compiled(inputs, format="png", ppi=144.0)
    try:
        return _compiled(inputs, format="pdf", pdf_standards=["a-3a"], timestamp=timestamp)
    except typst.TypstError:
        # PDF/A takes no character that our fonts lack; a foreign name is then boxes, and whole in the document
        return _compiled(inputs, format="pdf", timestamp=timestamp)


def _compiled(inputs: dict[str, str], **how: Any) -> bytes:
    made = typst.compile(_template(), font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs, **how)
    assert isinstance(made, bytes)  # a PNG of several pages would be a list
    return made


def _words(job: Job, address: str, verify_url: str) -> dict[str, Any]:
    language: Language = "vi"
    result = job.result
    issued = to_vn(result.issued_at)
    above = agency(result.agency.code).parent
    return {
        "title": texts.title_of(result.kind, language),
        "parent": agency(above).name.replace("Ủy ban nhân dân", "UBND") if above is not None else "",
        "agency": result.agency.name,
        "agency_lines": _on_lines(result.agency.name),
        "number_label": "Số",
        "number": display.plain(result.number or ""),
        "dated": f"Ngày {issued:%d} tháng {issued:%m} năm {issued:%Y}",
        "issued": {"year": issued.year, "month": issued.month, "day": issued.day},
        "state": "" if job.state is ResultState.VALID else texts.STATES[job.state].in_(language),
        "fields": [{"label": label, "value": value} for label, value in _shown(result, language)],
        "signed_label": _SIGNED.vi,
        "signed_at": f"{_SIGNED_AT.vi} {issued:%H:%M:%S, ngày %d/%m/%Y}",
        "key_label": "Khóa",
        "key_id": job.key_id,
        "owner": f"{_OWNER.vi} {display.plain(result.owner.name)}, {result.owner.id}",
        "code_label": texts.CODE.vi,
        "verification_code": result.verification_code,
        "verify_at": _VERIFY_AT.vi,
        "verify_url": verify_url,
        "qr_label": f"Mã QR dẫn đến {address}",
        "footer": f"{_FOOTER.vi} {result.dossier_code}.",
        "page": "Trang",
        "attached": _ATTACHED.vi,
    }


def _on_lines(agency_name: str) -> list[str]:
    """A people's committee stands above the name of its place, as on every paper of one."""
    name = agency_name.removeprefix(_COMMITTEE).lstrip()
    return [_COMMITTEE, name] if name not in ("", agency_name) else [agency_name]


def _shown(result: ElectronicResult, language: Language) -> list[tuple[str, str]]:
    shown = display.lines(result.kind, result.content, language)
    if result.valid_until is not None:
        shown.append((texts.VALID_UNTIL.in_(language), display.day(result.valid_until)))
    return shown


_COMMITTEE: Final = "Ủy ban nhân dân"
_OWNER: Final = Text("Chủ sở hữu kết quả:", "Owner of the result:")
_SIGNED: Final = Text("Đã ký số", "Signed electronically")
_SIGNED_AT: Final = Text("Thời điểm ký:", "Signed at")
_VERIFY_AT: Final = Text("Quét mã QR hoặc tra cứu tại", "Scan the QR code or look up at")
_FOOTER: Final = Text(
    "Bản in của kết quả điện tử; bản điện tử đã ký đính kèm trong tệp PDF. Mã hồ sơ",
    "Printed from an electronic result; the signed original is attached to the PDF. Dossier",
)
_ATTACHED: Final = Text("Kết quả điện tử đã ký", "The signed electronic result")


def _busy() -> Problem:
    return Problem(UNAVAILABLE, what="typesetting", retry_after=RETRY_AFTER_S)


def _qr(address: str) -> str:
    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", xmldecl=False, border=0, dark="#1b2430")
    return out.getvalue().decode()


@cache
def _template() -> bytes:
    return resources.files("services.dossier.results").joinpath("paper.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """Those in the package alone: the same paper on every machine."""
    return typst.Fonts(include_system_fonts=False)
