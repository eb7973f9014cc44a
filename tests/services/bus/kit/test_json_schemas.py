"""Values held against JSON Schemas: which field, which rule, and no more errors than a reader wants."""

from __future__ import annotations

import pytest

from contracts.problems import Problem
from services.bus.kit.json_schemas import MAX_ERRORS, check_results, field_errors, validator_of

PERSON = validator_of(
    {
        "type": "object",
        "required": ["name", "born"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "minLength": 2},
            "born": {"type": "string", "format": "date"},
            "children": {"type": "array", "items": {"type": "object", "required": ["name"]}},
        },
    }
)


def found(value: object) -> list[tuple[str, str]]:
    return [(each.field, each.rule) for each in field_errors(PERSON, value, at="body.form", rules="form")]


def test_what_fits_has_no_errors() -> None:
    assert found({"name": "Lê Thị Mai", "born": "1990-02-28", "children": [{"name": "An"}]}) == []


@pytest.mark.parametrize(
    ("value", "errors"),
    [
        ({}, [("body.form.name", "form.required"), ("body.form.born", "form.required")]),
        ({"name": "M", "born": "1990-02-28"}, [("body.form.name", "form.minLength")]),
        ({"name": "Mai", "born": "1990-02-30"}, [("body.form.born", "form.format")]),
        (
            {"name": "Mai", "born": "1990-02-28", "children": [{"name": "An"}, {}]},
            [("body.form.children[1].name", "form.required")],
        ),
        (
            {"name": "Mai", "born": "1990-02-28", "age": 36},
            [("body.form", "form.additionalProperties")],
        ),
        ("Mai", [("body.form", "form.type")]),
    ],
)
def test_each_fault_is_named_where_it_is(value: object, errors: list[tuple[str, str]]) -> None:
    assert found(value) == errors


def test_a_rule_without_words_of_its_own_has_words_all_the_same() -> None:
    [error] = field_errors(validator_of({"multipleOf": 2}), 3, at="body", rules="form")
    assert error.rule == "form.multipleOf"
    assert error.text.vi
    assert error.text.en


def test_no_more_faults_than_a_reader_wants() -> None:
    strings = validator_of({"items": {"type": "string"}})
    assert len(field_errors(strings, list(range(200)), at="body", rules="form")) == MAX_ERRORS


def test_results_that_do_not_fit_their_kind_of_task() -> None:
    with pytest.raises(Problem) as refused:
        check_results("judicial.issue-certificate", {})
    assert refused.value.type.slug == "results-unfit"
    assert [each.field for each in refused.value.errors]
    assert all(each.field.startswith("body.results.") for each in refused.value.errors)
