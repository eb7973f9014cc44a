"""How a benchmark tells its result: a figure, what it is compared with, the bound, and whether it is met."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import psutil
import typer

from deploy.cli import output

NOT_MET = 1
_BEGAN = psutil.cpu_times()
WORTH_SAYING = 0.01


@dataclass(frozen=True)
class Figure:
    """One line. `beside` is the floor's or the peer's figure from the same run, `bound` what ours has to keep,
    at most or at least; a line without a bound is for information."""

    what: str
    value: float
    unit: str
    beside: float | None = None
    bound: float | None = None
    sense: Literal["at most", "at least"] = "at most"

    @property
    def ratio(self) -> float | None:
        """Ours by the other's."""
        return self.value / self.beside if self.beside else None

    @property
    def met(self) -> bool | None:
        if self.bound is None:
            return None
        return self.value <= self.bound if self.sense == "at most" else self.value >= self.bound

    def row(self) -> list[str]:
        verdict = {None: "", True: "ok", False: "NOT MET"}[self.met]
        bound = "" if self.bound is None else f"{self.sense} {number(self.bound)}"
        beside = "" if self.beside is None else number(self.beside)
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return [self.what, number(self.value), self.unit, beside, ratio, bound, verdict]

    def document(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio, "met": self.met}


def number(value: float) -> str:
    """As many digits as one reads."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def conclude(
    title: str,
    figures: Sequence[Figure],
    *,
    as_json: bool,
    beside: str = "floor",
    notes: Sequence[str] = (),
    more: Mapping[str, Any] | None = None,
) -> None:
    """Print the result; leaves with exit code 1 when a bound is not met. `more` only goes into the JSON."""
    if as_json:
        document = {
            "title": title,
            "beside": beside,
            "figures": [figure.document() for figure in figures],
            "notes": [*notes, *_host()],
            **(more or {}),
        }
        typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        output.say(title, style="bold")
        header = ("what", "figure", "unit", beside, "ratio", "bound", "")
        output.table(header, [figure.row() for figure in figures], right=(1, 3, 4), fold=(0,))
        for note in (*notes, *_host()):
            output.say(note)
    if any(figure.met is False for figure in figures):
        raise typer.Exit(NOT_MET)


def _host() -> list[str]:
    return kept_back(_BEGAN, psutil.cpu_times())


def kept_back(before: Any, now: Any) -> list[str]:
    """On a virtual machine: what its host kept from us between two readings of `psutil.cpu_times`, which no figure
    here can show. Nothing if it was not worth saying."""
    if not hasattr(now, "steal"):
        return []
    share = (now.steal - before.steal) / max(sum(now) - sum(before), 1e-9)
    if share < WORTH_SAYING:
        return []
    return [f"The host gave {share:.0%} of our processors' time to others meanwhile."]
