"""How a person is called and reached: full names and phone numbers in one canonical spelling each.

Names are compared exactly in identity checks, so two spellings that look the same must become the same
string here: composed letters (NFC), one space between words, a straight apostrophe.
"""

import re
import unicodedata
from typing import Annotated, Final

from pydantic import AfterValidator, WithJsonSchema

from contracts.rules import refuse

NAME_MAX_LENGTH: Final = 100
"""Characters; the length of HoVaTen in the national lookup (domain 7.1)."""

# Latin letters with every diacritic of Vietnamese and of the minority languages written beside it.
_LETTER: Final = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ"
_NAME: Final = re.compile(rf"[{_LETTER}][{_LETTER}'.\-]*(?: [{_LETTER}'.\-]+)*")
_ALLOWED: Final = re.compile(rf"[{_LETTER}'.\- ]")
_FIRST: Final = re.compile(rf"[{_LETTER}]")
_TYPOGRAPHIC: Final = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u2010": "-", "\u2011": "-"})

_PHONE_SEPARATORS: Final = re.compile(r"(?<=[0-9])[ .\-](?=[0-9])")
# Mobile: 0 and nine digits from 3, 5, 7, 8 or 9. Fixed line: 02 and nine digits.
_PHONE: Final = re.compile(r"(?:\+84|0084|84|0)([35789][0-9]{8}|2[0-9]{9})")


def parse_person_name(text: str) -> str:
    """Bring a full name (họ và tên) into its canonical spelling.

    Raises person_name.empty, .too_long, .control_character, .character or .start.
    """
    if len(text) <= NAME_MAX_LENGTH and _NAME.fullmatch(text):
        return text  # the letters allowed have no other composed form
    # A hostile megabyte is refused before it is normalised; composing never shortens a name fourfold.
    if len(text) > 4 * NAME_MAX_LENGTH:
        raise refuse("person_name.too_long", max_length=NAME_MAX_LENGTH)
    for character in text:
        if unicodedata.category(character).startswith("C"):
            raise refuse("person_name.control_character", code_point=_code_point(character))
    name = " ".join(unicodedata.normalize("NFC", text).translate(_TYPOGRAPHIC).split())
    if not name:
        raise refuse("person_name.empty")
    if len(name) > NAME_MAX_LENGTH:
        raise refuse("person_name.too_long", max_length=NAME_MAX_LENGTH)
    for character in name:
        if not _ALLOWED.fullmatch(character):
            raise refuse("person_name.character", code_point=_code_point(character))
    if not _FIRST.match(name):
        raise refuse("person_name.start")
    return name


def parse_phone_number(text: str) -> str:
    """Bring a Vietnamese phone number into the domestic form, `0905123456`.

    Accepts +84, 84 or 0 in front and single spaces, dots or hyphens between digits.
    Raises phone_number.format.
    """
    match = _PHONE.fullmatch(_PHONE_SEPARATORS.sub("", text.strip(" ")))
    if match is None:
        raise refuse("phone_number.format")
    return "0" + match[1]


def _code_point(character: str) -> str:
    """The name of a character that may not be fit to print."""
    return f"U+{ord(character):04X}"


PersonName = Annotated[
    str,
    AfterValidator(parse_person_name),
    WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": NAME_MAX_LENGTH, "examples": ["Nguyễn Văn An"]}
    ),
]
PhoneNumber = Annotated[
    str,
    AfterValidator(parse_phone_number),
    WithJsonSchema({"type": "string", "maxLength": 25, "examples": ["0905123456", "+84 905 123 456"]}),
]
