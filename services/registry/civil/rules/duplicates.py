"""How likely two births are one: a score from 0 to 1, and what speaks for and against. Pure.

What is missing says nothing, neither for nor against: two records without a mother have no mother in common. Name
and day alone are therefore never enough for `likely`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, NamedTuple

from contracts.civil import Birth, DuplicateReason, Party
from contracts.population.values import birth_year
from services.registry.civil.names import fold, with_marks

NEAR_DAYS: Final = 3

_WEIGHTS: Final = {
    "name-same": (0.40, "Cùng họ tên", "Same name"),
    "name-unmarked": (0.32, "Cùng họ tên, khác dấu hoặc thiếu dấu", "Same name but for diacritics left out"),
    "name-marks-differ": (0.15, "Họ tên chỉ khác nhau về dấu", "The names differ in diacritics only"),
    "name-order": (0.30, "Cùng các chữ trong họ tên, khác thứ tự", "The same words of the name in another order"),
    "name-part": (0.20, "Cùng họ và tên, khác chữ đệm", "Same family and given name, another middle name"),
    "name-other": (-0.25, "Họ tên khác", "Another name"),
    "day-same": (0.30, "Cùng ngày sinh", "Born on the same day"),
    "day-swapped": (0.20, "Ngày và tháng sinh đổi chỗ", "Day and month of birth are swapped"),
    "day-near": (0.12, f"Ngày sinh cách nhau không quá {NEAR_DAYS} ngày", f"Born within {NEAR_DAYS} days"),
    "year-same": (0.10, "Cùng năm sinh", "Born in the same year"),
    "day-other": (-0.30, "Ngày sinh khác", "Born on another day"),
    "sex-other": (-0.50, "Giới tính khác", "Another sex"),
    "mother-same": (0.30, "Cùng mẹ (số định danh)", "The same mother, by personal id"),
    "mother-name": (0.18, "Mẹ cùng họ tên", "Mothers of the same name"),
    "mother-other": (-0.60, "Mẹ khác", "Another mother"),
    "father-same": (0.15, "Cùng cha (số định danh)", "The same father, by personal id"),
    "father-name": (0.08, "Cha cùng họ tên", "Fathers of the same name"),
    "father-other": (-0.15, "Cha khác", "Another father"),
    "notice-same": (0.25, "Cùng số giấy chứng sinh", "The same number of the birth notice"),
    "twin-order": (-0.60, "Sinh đôi: khác thứ tự sinh", "Twins: another order of birth"),
    "twin-name": (
        -0.30,
        "Sinh đôi: cùng mẹ, cùng ngày, khác tên",
        "Twins: one mother, one day, other given names",
    ),
}


class Comparison(NamedTuple):
    """The score, rounded to two places, and its reasons."""

    score: float
    reasons: list[DuplicateReason]


def compare(one: Birth, other: Birth) -> Comparison:
    """How likely these are births of the same child."""
    keys = [*_names(one, other), _day(one.child.date_of_birth, other.child.date_of_birth)]
    keys += [*_parents(one, other), *_rest(one, other)]
    keys += _twins(one, other, keys)
    reasons = [
        DuplicateReason(reason=key, weight=_WEIGHTS[key][0], vi=_WEIGHTS[key][1], en=_WEIGHTS[key][2])
        for key in keys
    ]
    total = sum(reason.weight for reason in reasons)
    return Comparison(round(min(max(total, 0.0), 1.0), 2), reasons)


class Outlook:
    """What a birth could score with others of which only name and day are known, once it is known that the
    mother's personal id is another: whether they are worth reading."""

    def __init__(self, birth: Birth) -> None:
        self.name = fold(birth.child.full_name)
        self._born = birth.child.date_of_birth
        keys = ["mother-name"] if birth.mother is not None else []
        if birth.father is not None:
            keys.append("father-same" if birth.father.personal_id else "father-name")
        if birth.notice_number:
            keys.append("notice-same")
        self._rest = sum(_WEIGHTS[key][0] for key in keys)

    def by_name(self, folded_name: str) -> float:
        """The highest score with somebody of that name."""
        key = "name-same" if self.name == folded_name else _other_name(self.name, folded_name)
        return round(_WEIGHTS[key][0] + _WEIGHTS["day-same"][0] + self._rest, 2)

    def at_best(self, folded_name: str, born: date | str) -> float:
        """The highest score with somebody of that name and day."""
        less = _WEIGHTS[_day(self._born, born)][0] - _WEIGHTS["day-same"][0]
        return round(self.by_name(folded_name) + less, 2)


def words_in_common(one: str, other: str) -> bool:
    """Whether two folded names share enough to be worth a closer look."""
    mine, theirs = one.split(" "), other.split(" ")
    return len(set(mine) & set(theirs)) >= min(2, len(mine), len(theirs))


def _names(one: Birth, other: Birth) -> Iterator[str]:
    mine, theirs = with_marks(one.child.full_name), with_marks(other.child.full_name)
    if mine == theirs:
        yield "name-same"
        return
    plain, plain_theirs = fold(mine), fold(theirs)
    if plain == plain_theirs:
        yield "name-unmarked" if plain in (mine, theirs) else "name-marks-differ"
    else:
        yield _other_name(plain, plain_theirs)


def _other_name(plain: str, plain_theirs: str) -> str:
    """What two folded names that are not the same have in common."""
    words, other_words = plain.split(" "), plain_theirs.split(" ")
    if sorted(words) == sorted(other_words):
        return "name-order"
    if min(len(words), len(other_words)) > 1 and (words[0], words[-1]) == (other_words[0], other_words[-1]):
        return "name-part"
    return "name-other"


def _day(mine: date | str, theirs: date | str) -> str:
    if not isinstance(mine, date) or not isinstance(theirs, date):
        return "year-same" if birth_year(mine) == birth_year(theirs) else "day-other"
    if mine == theirs:
        return "day-same"
    if (mine.year, mine.month, mine.day) == (theirs.year, theirs.day, theirs.month):
        return "day-swapped"
    return "day-near" if abs((mine - theirs).days) <= NEAR_DAYS else "day-other"


def _parents(one: Birth, other: Birth) -> Iterator[str]:
    for role, mine, theirs in (("mother", one.mother, other.mother), ("father", one.father, other.father)):
        if mine is not None and theirs is not None:
            yield f"{role}-{_same_person(mine, theirs)}"


def _same_person(mine: Party, theirs: Party) -> str:
    if mine.personal_id and theirs.personal_id:
        return "same" if mine.personal_id == theirs.personal_id else "other"
    same_name = fold(mine.full_name) == fold(theirs.full_name)
    born, born_theirs = mine.date_of_birth, theirs.date_of_birth
    if born is not None and born_theirs is not None and birth_year(born) != birth_year(born_theirs):
        return "other"
    return "name" if same_name else "other"


def _rest(one: Birth, other: Birth) -> Iterator[str]:
    if one.child.sex is not other.child.sex:
        yield "sex-other"
    if one.notice_number and one.notice_number == other.notice_number:
        yield "notice-same"


def _twins(one: Birth, other: Birth, keys: list[str]) -> list[str]:
    first, second = one.child.birth_order, other.child.birth_order
    if first is not None and second is not None and first != second:
        return ["twin-order"]
    one_mother = "mother-same" in keys or "mother-name" in keys
    one_day = "day-same" in keys or "day-near" in keys
    other_name = with_marks(one.child.full_name).split(" ")[-1] != with_marks(other.child.full_name).split(" ")[-1]
    if one_mother and one_day and other_name and ("name-other" in keys or "name-part" in keys):
        return ["twin-name"]
    return []
