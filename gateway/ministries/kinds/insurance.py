"""Social insurance (bảo hiểm xã hội): the health-insurance card of a child, the survivors' benefit."""

from __future__ import annotations

import calendar
from datetime import date

from contracts.tasks import Answer
from gateway.ministries.draws import data, digits
from gateway.ministries.kinds.matter import Matter, age_on, day, inner, method_of, text
from gateway.ministries.kinds.welfare import standards


def issue_card(matter: Matter) -> Answer:
    """`insurance.issue-card`: 15 characters, object and level TE1, province, the ten digits of the insurance
    number; valid from birth until the age of six, then to the start of school (Luật BHYT, recalled)."""
    rules = data("insurance")
    born = day(matter.form, "child_born_at") or day(matter.form, "child", "born_on")
    if born is None or born > matter.today:
        return Answer.refused(
            "birth-date-unfit",
            "Ngày sinh của trẻ không đọc được hoặc ở tương lai.",
            "The child's date of birth cannot be read or lies in the future.",
        )
    if age_on(born, matter.today) >= rules["card_until_age"]:
        return Answer.refused(
            "not-under-six",
            "Trẻ đã đủ 6 tuổi, không thuộc đối tượng được cấp thẻ này.",
            "The child has reached the age of six; this card is for younger children.",
        )
    personal_id = inner(matter.task.earlier, "birth", "personal_id")
    province = personal_id[1:3]
    number = province + digits(matter.draws("insurance-number"), 8)
    chosen = text(matter.form, "insurance_facility")
    facilities = rules["facilities"]
    facility = next((each for each in facilities if each["code"] == chosen), None)
    return Answer.completed(
        {
            "personal_id": personal_id,
            "card_number": f"{rules['card_prefix']}{province}{number}",
            "insurance_number": number,
            "valid_from": born.isoformat(),
            "valid_to": card_end(born).isoformat(),
            "facility": dict(facility or matter.draws("facility").choice(facilities)),
        }
    )


def card_end(born: date) -> date:
    """The last day of a child's card: the end of the month of the sixth birthday, or the start of school if that
    is later in the same year."""
    rules = data("insurance")
    year = born.year + rules["card_until_age"]
    month_end = date(year, born.month, calendar.monthrange(year, born.month)[1])
    return max(month_end, date(year, rules["school_year"]["month"], rules["school_year"]["day"]))


def survivor_benefit(matter: Matter) -> Answer:
    """`insurance.survivor-benefit`: monthly after long contribution, else a lump sum; with the funeral grant.
    Years of contribution are drawn."""
    rules, standard = data("allowances"), standards(matter.today)
    years = matter.draws("contribution").randint(1, 32)
    salary = standard["base_salary_vnd"]
    monthly = years >= rules["monthly_from_years"]
    if monthly:
        amount = salary * rules["survivor_share_percent"] // 100
    else:
        amount = salary * rules["lump_sum_salary_percent_a_year"] // 100 * years
    return Answer.completed(
        {
            "decision": f"{digits(matter.draws('decision'), 5)}/QĐ-BHXH",
            "decided_on": matter.today.isoformat(),
            "benefit": "monthly" if monthly else "lump-sum",
            "amount_vnd": amount,
            "funeral_vnd": salary * rules["insured_funeral_salaries"],
            "contribution_years": years,
            "payment": method_of(matter.form),
        }
    )
