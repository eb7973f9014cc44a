"""What the citizen's side is built from: references, proofs, seals, limits, masks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.portal.limits import Limiter
from gateway.portal.proofs import GOOD_FOR, ProofSeal, proves
from gateway.portal.references import is_reference, new_reference
from gateway.portal.views import masked
from tests.gateway.portal.conftest import CODE, NOW


def test_references_are_known_by_their_form_and_hard_to_guess() -> None:
    found = {new_reference(NOW) for _ in range(200)}
    assert len(found) == 200
    assert all(is_reference(each) and each.startswith("DV230315-") for each in found)
    assert not any(is_reference(each) for each in (None, "", CODE, "0001", "DV230315-7KQ3M9XAB"))


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("052190000123", True),
        ("052 190 000 123", True),
        ("+84905123456", True),
        ("", False),
        ("0", False),
        ("0905123457", False),
        ("x" * 10_000, False),
        ("٠٩٠٥١٢٣٤٥٦", False),
    ],
)
def test_a_proof_is_one_of_the_numbers_given(answer: str, right: bool) -> None:
    assert proves(answer, ["052190000123", None, "", "0905123456", "12"]) is right


def test_a_seal_is_good_for_one_code_and_a_while() -> None:
    seal = ProofSeal()
    cookie = seal.seal("DV1", NOW)
    assert seal.holds("DV1", cookie, NOW)
    assert not seal.holds("DV2", cookie, NOW)
    assert not seal.holds("DV1", cookie, NOW + GOOD_FOR)
    assert not ProofSeal().holds("DV1", cookie, NOW)


@given(st.text(max_size=60))
def test_no_cookie_breaks_the_seal_or_opens_it(cookie: str) -> None:
    assert not ProofSeal(b"k").holds("DV1", cookie, NOW)


def test_a_limiter_fills_up_again() -> None:
    now = 0.0
    limiter = Limiter(2, lambda: now)
    assert [limiter.take("a"), limiter.take("a"), limiter.take("b")] == [0, 0, 0]
    assert limiter.take("a") == 30
    now = 30.0
    assert limiter.take("a") == 0
    assert limiter.take("a") == 30
    assert Limiter(0).take("a") == 0


@given(st.text())
def test_a_masked_name_shows_nothing_but_initials(name: str) -> None:
    words = name.split()
    assert masked(name).split() == [word[0] + "•••" for word in words]
