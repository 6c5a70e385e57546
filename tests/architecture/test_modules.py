"""Modules stay small, documented, and free of names that mean nothing."""

import ast
import re

from tests.architecture.source import SHIPPED, modules

_LONGEST = 400
_EMPTY_NAMES = re.compile(r"^(manager|helper|helpers|util|utils|info|data|common|misc)$", re.IGNORECASE)
_EMPTY_SUFFIX = re.compile(r"(Manager|Helper|Helpers|Util|Utils|Info)$")


def test_no_module_is_too_long() -> None:
    """A module beyond 400 lines wants a second noun."""
    assert not {module.name: module.lines for module in modules() if module.lines > _LONGEST}


def test_no_module_is_named_for_nothing() -> None:
    """A module is named by its noun, never manager, helper, utils, info, data or common."""
    parts = {
        module.name: module.path.relative_to(module.path.parents[2]).with_suffix("").parts
        for module in modules()
    }
    assert not [name for name, words in parts.items() if any(_EMPTY_NAMES.match(word) for word in words[-2:])]


def test_no_class_is_named_for_nothing() -> None:
    """A class is named for what it is."""
    classes = [
        f"{module.name}:{node.lineno} {node.name}"
        for module in modules(*SHIPPED)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and _EMPTY_SUFFIX.search(node.name)
    ]
    assert not classes


def test_every_shipped_folder_of_code_is_a_package() -> None:
    """A folder of modules without __init__.py would be left out of the import contracts."""
    folders = {module.path.parent for module in modules(*SHIPPED)}
    assert not [str(folder) for folder in folders if not (folder / "__init__.py").exists()]
