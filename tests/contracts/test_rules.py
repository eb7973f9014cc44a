"""Every rule has its two texts, and every text can be told."""

import ast
from pathlib import Path
from string import Formatter

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core import _pydantic_core

import contracts
from contracts.identifiers import PersonalId
from contracts.pydantic_rules import PYDANTIC_RULES
from contracts.rules import OWN_RULES, RULES, explain, refuse

SOURCES = Path(contracts.__file__).parent.parent
PYDANTIC_CONTEXTS: dict[str, set[str]] = {
    error["type"]: set(error["example_context"] or {}) for error in _pydantic_core.list_all_errors()
}


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def refusals() -> list[tuple[str, set[str], str]]:
    """Each `refuse("rule", context=...)` in the project: its rule, the names of its context, its place."""
    found = []
    for folder in ("contracts", "services", "gateway"):
        for path in sorted((SOURCES / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            if imports_refuse(tree):
                found += [(*parts(call), f"{path.name}:{call.lineno}") for call in calls_of_refuse(tree)]
    return found


def imports_refuse(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "contracts.rules"
        and any(alias.name == "refuse" for alias in node.names)
        for node in ast.walk(tree)
    )


def calls_of_refuse(tree: ast.Module) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "refuse"
    ]


def parts(call: ast.Call) -> tuple[str, set[str]]:
    rule = call.args[0]
    assert isinstance(rule, ast.Constant), f"line {call.lineno}: name the rule where it is refused"
    return str(rule.value), {str(keyword.arg) for keyword in call.keywords}


def test_every_rule_in_the_sources_has_texts_that_its_context_fills() -> None:
    assert len(refusals()) > 30
    for rule, context, place in refusals():
        assert rule in OWN_RULES, place
        for template in OWN_RULES[rule]:
            assert placeholders(template) <= context, place


def test_every_own_rule_can_be_broken() -> None:
    assert set(OWN_RULES) == {rule for rule, _, _ in refusals()}


@pytest.mark.parametrize("rule", sorted(RULES))
def test_both_texts_differ_and_end_as_sentences_do(rule: str) -> None:
    vi, en = RULES[rule]
    assert vi != en
    assert vi.endswith(".")
    assert en.endswith((".", "{error}"))


@pytest.mark.parametrize("rule", sorted(PYDANTIC_RULES))
def test_texts_for_pydantic_use_only_what_pydantic_gives(rule: str) -> None:
    for template in PYDANTIC_RULES[rule]:
        assert placeholders(template) <= PYDANTIC_CONTEXTS[rule]


def test_what_json_can_provoke_is_covered() -> None:
    python_only = {
        "arguments_type", "callable_type", "complex_str_parsing", "complex_type", "counter_type",
        "dataclass_exact_type", "default_factory_not_called", "deque_type", "ellipsis_error",
        "fraction_parsing", "fraction_type", "frozen_dict_type", "frozen_instance", "get_attribute_error",
        "is_instance_of", "is_subclass_of", "iteration_error", "missing_argument",
        "missing_keyword_only_argument", "missing_positional_only_argument", "missing_sentinel_error",
        "multiple_argument_values", "named_tuple_type", "needs_python_object", "no_such_attribute",
        "ordered_dict_type", "set_item_not_hashable", "string_not_ascii", "unexpected_keyword_argument",
        "unexpected_positional_argument",
    }  # fmt: skip
    assert set(PYDANTIC_CONTEXTS) - python_only == set(PYDANTIC_RULES)


def test_an_error_of_pydantic_is_explained_in_both_languages() -> None:
    class Form(BaseModel):
        personal_id: PersonalId

    with pytest.raises(ValidationError) as caught:
        Form.model_validate_json('{"personal_id": "003090000123"}')
    (error,) = caught.value.errors()
    assert error["type"] == "personal_id.province_unknown"
    text = explain(error["type"], error["ctx"])
    assert "003" in text.vi and "quốc gia" in text.vi
    assert text.en == error["msg"]


def test_choices_and_days_are_written_as_the_language_writes_them() -> None:
    assert explain("literal_error", {"expected": "'a' or 'b'"}).vi == "Giá trị phải là 'a' hoặc 'b'."
    text = explain("unit.wrong_period", {"code": "540", "on": "2025-07-01", "valid": "–", "successors": "–"})
    assert "01/07/2025" in text.vi
    assert "2025-07-01" in text.en


def test_an_unknown_rule_or_a_poor_context_still_gives_a_sentence() -> None:
    assert explain("nobody.knows", {"x": 1}).en == "The value is not valid."
    assert explain("string_too_long").en == "The string may have at most … characters."


def test_braces_in_a_value_survive_rendering() -> None:
    text = explain("string_pattern_mismatch", {"pattern": "^[0-9]{12}$"})
    assert "^[0-9]{12}$" in text.render("en", {})
    assert "^[0-9]{12}$" in text.render("vi", {})


def test_a_rule_without_texts_cannot_be_used() -> None:
    with pytest.raises(KeyError):
        refuse("nobody.knows")
