"""Which systems ask the citizen for more papers, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.scenarios.asks import civil, land, residence
from tests.scenarios.asks.parts import Ask


@dataclass(frozen=True)
class Wanting:
    """A dossier in which a step asks for papers by the rules of its system. `ask` leaves out what it asks for;
    `brought` is what the citizen answers."""

    procedure: str
    step: str
    how: str
    ask: Ask
    wants: str
    brought: str = "Đã nộp bản chính"

    @property
    def id(self) -> str:
        return f"{self.procedure}-{self.step}-{self.how}"


WANTING: Final = (
    Wanting(
        "birth-residence-card",
        "residence",
        "commune-divided",
        civil.interlinked_birth_where_a_commune_was_divided,
        wants="đã được chia tách",
        brought="Nay thuộc đơn vị 21628",
    ),
    Wanting(
        "correction", "correction", "nothing-proven", civil.correction_without_papers, wants="Giấy tờ chứng minh"
    ),
    Wanting("permanent-residence", "residence", "head-not-asked", residence.joining, wants="đồng ý bằng văn bản"),
    Wanting(
        "household-split", "split", "head-not-asked", residence.split_without_consent, wants="đồng ý bằng văn bản"
    ),
    Wanting(
        "land-inheritance-exempt",
        "check",
        "death-not-known",
        land.inheritance_of(died=False),
        wants="trích lục khai tử",
    ),
)

_AT_ONCE: Final = "Enters the act or refuses it on what the form says and the books show."
_JUDGED: Final = "Every precondition is met or broken by what the book of land shows."

NEVER_ASK: Final = {
    "civil.register-birth": _AT_ONCE,
    "civil.register-death": _AT_ONCE,
    "civil.register-marriage": _AT_ONCE,
    "civil.certify-marital-status": _AT_ONCE,
    "civil.recognise-parent": _AT_ONCE,
    "civil.register-guardianship": _AT_ONCE,
    "civil.re-register": _AT_ONCE,
    "civil.extract": "Copies what stands in the book.",
    "residence.register-temporary": "The form states place and time; the rest is in the population data.",
    "residence.renew-temporary": "The form states the time; the rest is in the population data.",
    "residence.deregister": "The form states the reason, or the death registered before does.",
    "residence.declare-absence": "A declaration: it is taken as it is made.",
    "land.register-change": "What could be wanted was wanted by the check before.",
    "land.register-mortgage": _JUDGED,
    "land.delete-mortgage": _JUDGED,
    "land.split": _JUDGED,
    "land.reissue-certificate": _JUDGED,
    "land.correct": _JUDGED,
}
"""Kinds of tasks whose systems never ask by themselves, and why; there an official asks through the API."""
