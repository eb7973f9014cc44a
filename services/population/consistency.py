"""Whether what is stated about a citizen can be true: pure rules, each naming the field that breaks it.

Nothing here reads the database. A broken rule is a FieldError; which Problem it makes is decided once, in
`refuse_if_any`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from contracts.identifiers import Sex, parse_personal_id
from contracts.population import NewCitizen, NewResidence, Place, ResidenceKind
from contracts.population.values import birth_year
from contracts.problems import INCONSISTENT_PERSON, VALIDATION, FieldError, Problem, Text
from contracts.rules import explain
from services.population.matching import fold_name
from services.population.places import unit_errors

BORN_LATER: Final = Text("Ngày sinh ở tương lai.", "The date of birth lies in the future.")
NAME_PARTS: Final = Text(
    "Họ, chữ đệm và tên ghép lại không thành họ và tên đã khai.",
    "The name parts do not join to the full name stated.",
)
STARTS_LATER: Final = Text("Ngày bắt đầu ở tương lai.", "The first day lies in the future.")
BEFORE_BIRTH: Final = Text("Ngày bắt đầu trước năm sinh.", "The first day lies before the year of birth.")
TWICE: Final = Text(
    "Hai nơi cư trú cùng loại không thể bắt đầu cùng một ngày.",
    "Two residences of one kind cannot begin on the same day.",
)
END_UNFIT: Final = Text("Chỉ tạm trú mới có thời hạn.", "Only a temporary residence has an end.")
ENDS_BEFORE: Final = Text("Ngày kết thúc phải sau ngày bắt đầu.", "The end has to be after the first day.")
TOO_LONG: Final = Text(
    "Thời hạn tạm trú tối đa là {years} năm.",
    "A temporary residence is for at most {years} years.",
)
OVERLAPS: Final = Text(
    "Khoảng thời gian này chồng lấn với {since} – {until} ({where}).",
    "This period overlaps {since} – {until} ({where}).",
)
TEMPORARY_YEARS: Final = 2
"""How long a temporary residence, or one renewal of it, may last (Luật Cư trú 2020, Đ.27 k.3)."""

_CONTRADICTIONS: Final = frozenset(
    {
        "personal_id.sex_mismatch",
        "personal_id.birth_year_mismatch",
        "citizen.born_later",
        "citizen.name_parts",
        "residence.before_birth",
    }
)
MAX_ERRORS: Final = 50


TEXTS: Final[Mapping[str, Text]] = {
    "citizen.born_later": BORN_LATER,
    "citizen.name_parts": NAME_PARTS,
    "residence.starts_later": STARTS_LATER,
    "residence.before_birth": BEFORE_BIRTH,
    "residence.twice": TWICE,
    "residence.end_unfit": END_UNFIT,
    "residence.ends_before": ENDS_BEFORE,
    "residence.too_long": TOO_LONG,
    "residence.overlaps": OVERLAPS,
}
"""What `citizen_errors` says in words of its own, by rule."""


def citizen_errors(at: str, citizen: NewCitizen, today: date) -> list[FieldError]:
    """All that cannot be true of a citizen to register, whoever else there is."""
    born, stays = citizen.date_of_birth, citizen.residences
    found = number_errors(at, citizen.personal_id, citizen.sex, born, today)
    found += name_errors(at, citizen.full_name, (citizen.family_name, citizen.middle_name, citizen.given_name))
    found += place_errors(f"{at}.birth_place", citizen.birth_place, born)
    found += place_errors(f"{at}.hometown", citizen.hometown, born)
    for index, stay in enumerate(stays):
        found += residence_errors(f"{at}.residences[{index}]", stay, birth_year(born), today)
    if len(stays) > 1:
        found += repeated_residences(f"{at}.residences", stays)
    return found


def split_name(full_name: str) -> tuple[str, str, str]:
    """Họ, chữ đệm, tên: the first word, the words between, the last word. A single word is a given name."""
    family, *middle = full_name.split(" ")
    if not middle:
        return "", "", family
    given = middle.pop()
    return family, " ".join(middle), given


def birth_digits(sex: Sex, year: int) -> str:
    """The three digits of a personal id that say century, sex and year: G and YY (NĐ 137/2015, Đ.13)."""
    return f"{2 * (year // 100 - 19) + (sex is Sex.FEMALE)}{year % 100:02d}"


def number_errors(at: str, personal_id: str, sex: Sex, born: date | str, today: date) -> list[FieldError]:
    """The personal id must say the same sex and birth year (TT 07/2016/TT-BCA, Đ.7); nobody is unborn."""
    found: list[FieldError] = []
    year = birth_year(born)
    if personal_id[3:6] != birth_digits(sex, year):
        stated = parse_personal_id(personal_id)
        if stated.sex != sex:
            found.append(_broken(f"{at}.sex", "personal_id.sex_mismatch"))
        if stated.birth_year != year:
            found.append(_broken(f"{at}.date_of_birth", "personal_id.birth_year_mismatch"))
    if year >= today.year and (year > today.year or (isinstance(born, date) and born > today)):
        found.append(FieldError(f"{at}.date_of_birth", "citizen.born_later", BORN_LATER))
    return found


def name_errors(at: str, full_name: str, parts: Sequence[str | None]) -> list[FieldError]:
    """Stated name parts must join to the full name."""
    stated = [part for part in parts if part]
    if stated and fold_name(" ".join(stated)) != fold_name(full_name):
        return [FieldError(f"{at}.family_name", "citizen.name_parts", NAME_PARTS)]
    return []


def place_day(place: Place, born: date | str) -> date:
    """The day a place's unit code is meant for."""
    return place.on or (born if isinstance(born, date) else date(int(born), 1, 1))


def place_errors(at: str, place: Place | None, born: date | str) -> list[FieldError]:
    """The unit code of a place must be valid on its day."""
    if place is None or place.unit_code is None:
        return []
    return unit_errors(f"{at}.unit_code", place.unit_code, place_day(place, born))


def residence_errors(at: str, residence: NewResidence, born_in: int, today: date) -> list[FieldError]:
    """A residence is in a commune of its day's structure, not before birth and not in the future."""
    since = residence.valid_from
    found = unit_errors(f"{at}.unit_code", residence.unit_code, since, level="commune")
    if since > today:
        found.append(FieldError(f"{at}.valid_from", "residence.starts_later", STARTS_LATER))
    if since.year < born_in:
        found.append(FieldError(f"{at}.valid_from", "residence.before_birth", BEFORE_BIRTH))
    if residence.valid_to is not None:
        found += end_errors(f"{at}.valid_to", residence.kind, since, residence.valid_to)
    return found


def end_errors(field: str, kind: ResidenceKind, since: date, until: date) -> list[FieldError]:
    """Only a temporary residence has an end, within two years."""
    if kind is not ResidenceKind.TEMPORARY:
        return [FieldError(field, "residence.end_unfit", END_UNFIT)]
    if until <= since:
        return [FieldError(field, "residence.ends_before", ENDS_BEFORE)]
    if until > years_after(since, TEMPORARY_YEARS):
        return [FieldError(field, "residence.too_long", TOO_LONG, {"years": TEMPORARY_YEARS})]
    return []


def years_after(day: date, years: int) -> date:
    """The same day so many years later; 1 March where there is no 29 February. The last day of all at most."""
    year = day.year + years
    if year > date.max.year:
        return date.max
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def repeated_residences(at: str, residences: Sequence[NewResidence]) -> list[FieldError]:
    """No two residences of one kind begin on one day, and none begins before the stated end of another."""
    found: list[FieldError] = []
    seen: dict[tuple[str, date], NewResidence] = {}
    for index, each in enumerate(residences):
        key = (each.kind, each.valid_from)
        if key in seen:
            found.append(FieldError(f"{at}[{index}].valid_from", "residence.twice", TWICE))
        seen[key] = each
    for index, each in enumerate(residences):
        for other in residences:
            if (
                other.kind is each.kind
                and other.valid_to is not None
                and other.valid_from < each.valid_from < other.valid_to
            ):
                stay = period(other.valid_from, other.valid_to, other.unit_code)
                found.append(FieldError(f"{at}[{index}].valid_from", "residence.overlaps", OVERLAPS, stay))
    return found


def period(since: date, until: date | None, where: str) -> dict[str, str]:
    """A period in the way, as the texts name it."""
    return {"since": since.isoformat(), "until": until.isoformat() if until else "…", "where": where}


def _broken(field: str, rule: str) -> FieldError:
    return FieldError(field, rule, explain(rule))


def refuse_if_any(errors: Iterable[FieldError]) -> None:
    """Raise one Problem that names every broken rule: INCONSISTENT_PERSON if data contradict each other,
    VALIDATION if a value alone is wrong."""
    found = list(errors)
    if not found:
        return
    count = len(found)
    if any(error.rule in _CONTRADICTIONS for error in found):
        raise Problem(
            INCONSISTENT_PERSON,
            errors=found[:MAX_ERRORS],
            reason_vi=f"Có {count} chỗ không thống nhất; xem mục errors.",
            reason_en=f"{count} statement(s) do not agree with the rest; see errors.",
        )
    raise Problem(VALIDATION, errors=found[:MAX_ERRORS], count=count)
