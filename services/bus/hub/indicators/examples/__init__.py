"""Provinces whose published figures come out of generated dossiers, by the same way as everybody's.

The dossiers are made up; how many of them there are, and of what kind, is what the reports on Đề án 06 say.
"""

from collections.abc import Callable
from typing import Final

from services.bus.hub.indicators.examples import binh_dinh, dong_thap, tuyen_quang
from services.bus.hub.indicators.examples.example import Example, Outcome, carry_out

EXAMPLES: Final[dict[str, Callable[[], Example]]] = {
    "binh-dinh": binh_dinh.example,
    "tuyen-quang": tuyen_quang.example,
    "dong-thap": dong_thap.example,
}

__all__ = ["EXAMPLES", "Example", "Outcome", "carry_out"]
