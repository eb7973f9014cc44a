"""Health (y tế): the electronic certificate of a birth (giấy chứng sinh)."""

from __future__ import annotations

from datetime import datetime

from contracts.tasks import Answer
from contracts.times import VN
from gateway.ministries.draws import data, digits
from gateway.ministries.kinds.matter import Matter


def certify_birth(matter: Matter) -> Answer:
    """`health.certify-birth`: what the facility noted. Number, facility and weight are drawn."""
    try:
        born = datetime.fromisoformat(matter.form["child_born_at"])
    except ValueError:
        born = None
    if born is not None and born.tzinfo is None:
        born = born.replace(tzinfo=VN)
    if born is None or born > matter.now:
        return Answer.refused(
            "birth-time-unfit",
            "Thời điểm sinh không đọc được hoặc ở tương lai.",
            "The time of birth cannot be read or lies in the future.",
        )
    rng = matter.draws("birth")
    facility = rng.choice(data("insurance")["facilities"])
    return Answer.completed(
        {
            "number": f"{facility['code']}.{matter.today:%y}.{digits(rng, 6)}",
            "issued_on": matter.today.isoformat(),
            "facility": dict(facility),
            "born_at": born.isoformat(),
            "child_sex": matter.form["child_sex"],
            "weight_grams": int(min(4_600, max(2_000, rng.gauss(3_150, 420)))),
        }
    )
