"""Welfare (bảo trợ xã hội): the funeral allowance and the monthly allowances.

Amounts follow NĐ 20/2021 as recalled, so all of them are configuration (`data/allowances.json`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from contracts.tasks import Answer
from gateway.ministries.draws import data, digits
from gateway.ministries.kinds.matter import Matter, age_on, day, method_of, text

FUNERAL = "funeral"


def standards(on: date) -> dict[str, Any]:
    """The standard amounts in force on a day; the oldest known before that."""
    known = data("allowances")["standards"]
    in_force = [each for each in known if date.fromisoformat(each["from"]) <= on]
    found: dict[str, Any] = (in_force or known[:1])[-1]
    return found


def group(code: str) -> dict[str, Any] | None:
    """The group of beneficiaries (nhóm đối tượng) with this code."""
    found: dict[str, Any] | None = next((g for g in data("allowances")["groups"] if g["code"] == code), None)
    return found


def funeral_allowance(matter: Matter) -> Answer:
    """`welfare.funeral-allowance`: a fixed number of standard amounts to whoever arranges the funeral."""
    died = day(matter.form, "died_on") or day(matter.form, "died_at") or day(matter.form, "deceased", "died_on")
    if died is not None and died > matter.today:
        return Answer.refused("death-in-future", "Ngày chết ở tương lai.", "The day of death lies in the future.")
    amount = standards(matter.today)["social_vnd"] * data("allowances")["funeral_standards"]
    return Answer.completed(
        {
            **_decision(matter),
            "amount_vnd": amount,
            "payment": method_of(matter.form),
            "payment_list": f"{matter.task.receiving_agency}-{matter.today:%Y%m}",
        }
    )


def monthly_allowance(matter: Matter) -> Answer:
    """`welfare.monthly-allowance`: granted, adjusted or stopped, from the month after the decision."""
    form = matter.form
    found = group(form["group"])
    if found is None:
        return Answer.refused(
            "group-unknown",
            "Không có nhóm đối tượng trợ cấp này.",
            "There is no such group of beneficiaries.",
        )
    refusal = None if form["request"] == "stop" else _unfit(matter, found)
    if refusal is not None:
        return refusal
    coefficient = found["coefficient"]
    monthly = 0 if form["request"] == "stop" else int(standards(matter.today)["social_vnd"] * coefficient)
    return Answer.completed(
        {
            **_decision(matter),
            "request": form["request"],
            "group": found["code"],
            "coefficient": coefficient,
            "monthly_vnd": monthly,
            "from_month": next_month(f"{matter.today:%Y-%m}"),
            "payment": method_of(form),
        }
    )


def next_month(month: str) -> str:
    """The month after `2023-12` is `2024-01`."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def _unfit(matter: Matter, found: dict[str, Any]) -> Answer | None:
    """The refusal if the beneficiary's age does not fit the group."""
    born = day(matter.form, "beneficiary", "date_of_birth")
    if born is None:
        return None
    age = age_on(born, matter.today)
    if found.get("from_age", 0) <= age <= found.get("to_age", 200):
        return None
    return Answer.refused(
        "age-unfit",
        f"Tuổi của người hưởng không phù hợp với nhóm đối tượng: {found['vi']}.",
        f"The beneficiary's age does not fit the group: {found['en']}.",
    )


def _decision(matter: Matter) -> dict[str, Any]:
    number = f"{digits(matter.draws('decision'), 4)}/QĐ-UBND"
    return {"decision": number, "decided_on": matter.today.isoformat()}


def beneficiary(matter: Matter) -> tuple[str, str]:
    """Whom the money is for: personal id and full name, as the form says, else the applicant."""
    who = "beneficiary" if "beneficiary" in matter.form else "claimant"
    applicant = matter.task.applicant
    return (
        text(matter.form, who, "personal_id") or applicant.personal_id,
        text(matter.form, who, "full_name") or applicant.full_name,
    )
