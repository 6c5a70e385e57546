"""The template library: complete in both languages, installed beside what a chain has."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from domain.errors import RefusedError
from sync_server.operations.configuration.applying import apply
from sync_server.operations.library import FOLDER, LANGUAGES, write_library
from sync_server.operations.tools import Tools

SCENARIOS = {
    "complaint", "claim", "aftersales", "refund", "return_refund", "exchange", "chase_delivery", "urge",
    "it_support", "equipment_repair",
}  # fmt: skip
WORDS = frozenset({"name", "label", "description", "hint", "body", "options"})
CHINESE = re.compile("[\u4e00-\u9fff]")


def _files(language: str) -> dict[str, Any]:
    folder = FOLDER / language
    found = sorted(folder.rglob("*.json"))
    return {str(one.relative_to(folder)): json.loads(one.read_text(encoding="utf-8")) for one in found}


def _bare(value: Any, key: str = "") -> Any:
    """A file without the words that people read."""
    if key in WORDS:
        return sorted(value) if isinstance(value, dict) else bool(value)
    if isinstance(value, dict):
        return {name: _bare(one, name) for name, one in value.items()}
    return [_bare(one) for one in value] if isinstance(value, list) else value


def _words(value: Any, key: str = "") -> list[str]:
    if key in WORDS:
        return list(value.values()) if isinstance(value, dict) else [value]
    if isinstance(value, dict):
        return [word for name, one in value.items() for word in _words(one, name)]
    return [word for one in value for word in _words(one)] if isinstance(value, list) else []


def test_both_languages_say_the_same() -> None:
    """The Chinese and the English library differ in words alone, and no word is left in the other language."""
    chinese, english = (_files(language) for language in LANGUAGES)
    assert _bare(chinese) == _bare(english)
    assert [word for word in _words(english) if CHINESE.search(word)] == []
    assert {name for name in _words(chinese) if not CHINESE.search(name)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_scenario_is_complete(tools: Tools, language: str) -> None:
    """On a server without a chain each scenario has form, flow, policy with all priorities, and text modules."""
    assert apply(tools, FOLDER / language).problems == ()
    with tools.store.read() as conn:
        configuration = tools.configurations.current(conn)
    templates = {template.id: template for template in configuration.templates.values()}
    assert templates.keys() == SCENARIOS
    covered = {
        str(name)
        for policy in configuration.policies
        for condition in policy.conditions.all
        for name in condition.value
        if policy.targets.keys() == {"urgent", "high", "normal", "low"}
    }
    assert covered == SCENARIOS
    for template in templates.values():
        assert template.flow is not None
        assert {field.section for field in template.fields} >= {"customer", "request", "closure"}
        assert template.text_modules
        assert set(template.text_modules) <= configuration.text_modules.keys()
        assert any("solution_proposed" in node.stops for node in template.flow.nodes)


def test_it_comes_beside_what_a_chain_has(sample: Tools, tmp_path: Path) -> None:
    """Added to the sample chain it changes what it names, keeps everything else, and is tried after it."""
    with sample.store.read() as conn:
        before = sample.configurations.current(conn)
    folder = tmp_path / "library"
    assert write_library("en", folder) == len(SCENARIOS)
    with pytest.raises(RefusedError, match="folder_not_empty"):
        write_library("en", folder)
    (folder / "policies.json").rename(tmp_path / "policies.json")
    assert apply(sample, folder, add=True).problems == ()
    (tmp_path / "policies.json").rename(folder / "policies.json")
    done = apply(sample, folder, add=True)
    assert done.problems == ()
    with sample.store.read() as conn:
        after = sample.configurations.current(conn)
    assert not [one for one in done.written if one.deleted]
    assert before.text_modules.keys() < after.text_modules.keys()
    assert before.categories.keys() < after.categories.keys()
    ids = [policy.id for policy in before.policies]
    assert [policy.id for policy in after.policies][: len(ids)] == ids
    assert {template.id for template in after.templates.values()} >= SCENARIOS


def test_a_form_that_loses_a_field_is_refused_while_a_rule_asks_for_it(sample: Tools, tmp_path: Path) -> None:
    """Beside rules that stay the same folder with one field fewer is refused, naming the rule; nothing is written."""
    write_library("en", tmp_path / "l")
    file = tmp_path / "l" / "templates" / "complaint.json"
    form = json.loads(file.read_text(encoding="utf-8"))
    form["fields"] = [field for field in form["fields"] if field["key"] != "unwell"]
    file.write_text(json.dumps(form), encoding="utf-8")
    found = apply(sample, tmp_path / "l", add=True)
    assert [(one.file, one.place, one.code) for one in found.problems] == [
        ("routing.json", "unwell.when.any[0]", "condition_unknown_field")
    ]
    with sample.store.read() as conn:
        assert "equipment_repair" not in {id for id, _ in sample.configurations.current(conn).templates}
