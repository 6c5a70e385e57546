"""People's words are complete in both languages and agree on what is filled in."""

import ast
import json
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from tests.architecture.source import ROOT, Module, modules

_FOLDER = ROOT / "resources" / "i18n"
_CHINESE = re.compile("[\u4e00-\u9fff]")


def _no_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), f"given twice: {sorted({key for key in keys if keys.count(key) > 1})}"
    return dict(pairs)


def _words(language: str) -> dict[str, str]:
    """Read one language; skip while there are none."""
    file = _FOLDER / f"{language}.json"
    if not _FOLDER.is_dir():
        pytest.skip("there are no words yet: resources/i18n is absent")
    words: dict[str, object] = json.loads(file.read_text(encoding="utf-8"), object_pairs_hook=_no_repeats)
    texts = {key: text for key, text in words.items() if isinstance(text, str) and text.strip()}
    assert texts == words, "every key needs a text"
    return texts


def _blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_key_is_in_both_languages() -> None:
    """Nobody meets a bare key."""
    assert _words("zh_CN").keys() ^ _words("en").keys() == set()


def test_placeholders_agree() -> None:
    """What one language fills in, the other does too; plain names only."""
    chinese, english = _words("zh_CN"), _words("en")
    both = chinese.keys() & english.keys()
    assert not [key for key in both if _blanks(chinese[key]) != _blanks(english[key])]
    assert not [key for key in both for blank in _blanks(chinese[key]) if not blank.isidentifier()]


def test_english_is_english() -> None:
    """No Chinese was left in the English words."""
    assert not [key for key, text in _words("en").items() if _CHINESE.search(text)]


def _chinese_literals(module: Module) -> Iterator[str]:
    """Yield the string literals with Chinese written out; docstrings and comments may give examples."""
    source = module.path.read_text(encoding="utf-8")
    documents = {
        id(node.body[0].value)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            written = ast.get_source_segment(source, node) if _CHINESE.search(node.value) else None
            if written and _CHINESE.search(written):
                yield f"{module.name}:{node.lineno} {node.value}"


def test_no_chinese_in_code() -> None:
    """Words for people stand in resources, where they can be translated and corrected."""
    code = modules("domain", "desktop", "sync_server")
    assert not [literal for module in code for literal in _chinese_literals(module)]
