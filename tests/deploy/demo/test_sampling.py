"""Forms drawn from their schemas are valid by them, for every procedure of the catalogue."""

from __future__ import annotations

from random import Random

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from contracts.catalogue.form_schemas import form_schema
from contracts.catalogue.procedures import procedures
from deploy.demo.sampling import sample

CODES = [each.code for each in procedures() if "properties" in form_schema(each.code)]


@pytest.mark.parametrize("code", CODES)
def test_what_is_drawn_follows_the_schema(code: str) -> None:
    schema = form_schema(code)
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    for seed in range(30):
        form = sample(schema, Random(seed))
        assert [error.message for error in validator.iter_errors(form)] == []


def test_the_same_seed_gives_the_same_form() -> None:
    schema = form_schema("1.001193")
    assert sample(schema, Random(7)) == sample(schema, Random(7))
