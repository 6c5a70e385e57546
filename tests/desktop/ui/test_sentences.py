"""Every refusal has a sentence."""

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from desktop.ui.sentences import sentence
from desktop.ui.text import has_text
from resources import i18n
from tests.architecture.source import ROOT

# What an operator reads in a terminal, and what a form says of its fields itself.
_ELSEWHERE = re.compile(
    r"^(port_|config_|map_|file_|calendar_|unit_|week_|step_|field_|target_|tree_|sample_|folder_|cell_|condition_|map"
    r"|ticket_$|budget_|no_device|not_empty|bad_day|unknown_(class|database|level|line|unit_code|zone)$|secret_)"
)


def _codes() -> set[str]:
    """The codes that the rules, the desktop and the protocol refuse with."""
    raised = re.compile(r"(?:Refusal|Refused|RefusedError|UnavailableError)\(\s*(?:code=)?\"([a-z_]+)\"")
    folders = ("domain/rules", "desktop", "sync_server/push", "sync_server/api", "sync_server/feed")
    found: set[str] = set()
    for folder in folders:
        for file in (ROOT / folder).rglob("*.py"):
            found.update(raised.findall(file.read_text(encoding="utf-8")))
    return {code for code in found if not _ELSEWHERE.match(code)}


@pytest.mark.parametrize("code", sorted(_codes()))
def test_every_refusal_has_words(code: str) -> None:
    """Nobody meets a bare code."""
    assert has_text(f"error.{code}")


def _calls(*names: str) -> Iterator[ast.Call]:
    """Every call of these in the rules, with its code or noun written out."""
    for file in (ROOT / "domain" / "rules").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
                yield node


def test_what_a_sentence_names_is_given() -> None:
    """A refusal that leaves out what its sentence names would be said as a bare code."""
    words = {language: i18n.load(language) for language in i18n.LANGUAGES}
    checked = 0
    for call in _calls("Refusal"):
        code = call.args[0] if call.args else None
        given = {one.arg for one in call.keywords}
        if not isinstance(code, ast.Constant) or not isinstance(code.value, str) or None in given:
            continue
        given |= {"code", "number"} | ({"count"} if "errors" in given else set())
        for texts in words.values():
            text = texts.get(f"error.{code.value}", "")
            assert {name for _, name, _, _ in Formatter().parse(text) if name} <= given, code.value
            checked += bool(text)
    assert checked > 100


def test_every_noun_that_may_be_unknown_has_words() -> None:
    """`unknown_team` and the like are made from the noun that `require` is given."""
    nouns = {
        str(noun.value)
        for call in _calls("require")
        for noun in call.args[2:3]
        if isinstance(noun, ast.Constant) and isinstance(noun.value, str)
    }
    assert {"person", "team", "unit"} <= nouns
    assert not [noun for noun in nouns if not has_text(f"error.unknown_{noun}")]


def test_arguments_are_put_into_words() -> None:
    """Statuses, waits and counts are said, not shown as codes."""
    said = sentence("status_step", {"current": "new", "wanted": "closed"})
    assert "待处理" in said
    assert "已关闭" in said
    assert "2 处" in sentence("form_invalid", {"errors": [{}, {}]})
    assert "5 分钟" in sentence("locked_out", {"retry_after_s": 300, "until": 1})


def test_an_unknown_code_and_a_missing_argument_still_say_something() -> None:
    """A newer server must not leave the person without a sentence."""
    assert "brand_new" in sentence("brand_new")
    assert "subject_too_long" in sentence("subject_too_long", {})
