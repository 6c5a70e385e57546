"""Finds every function of the server that reads tickets, their children, people's words or customers.

A function counts that names one of these tables, or something that is made of one: a constant with its columns, a
statement in SQL, another module's such constant. What only calls such a function is judged where it answers: at its
address.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import sync_server
from sync_server.store import tables

ROOT = Path(sync_server.__file__).parent
ABOUT_PEOPLE_AND_RULES = frozenset(
    {
        "access_grant",
        "audit",
        "change",
        "config",
        "config_change",
        "counter",
        "device",
        "epoch",
        "feed_head",
        "imported",
        "org_unit",
        "person",
        "recovery",
        "replica_key",
        "token",
    }
)
"""Tables in which nothing of a ticket or a customer stands; every other one, and any new one, is watched."""
WATCHED = frozenset(tables.metadata.tables) - ABOUT_PEOPLE_AND_RULES
_ATTRIBUTES = frozenset(name for name in tables.__all__ if name in WATCHED)
_SQL = re.compile(rf"(?i)\b(?:FROM|JOIN|UPDATE|INTO)\s+(?:{'|'.join(sorted(WATCHED))})\b")


def modules() -> dict[str, ast.Module]:
    """Every module of the server but its tables and migrations, by its name below `sync_server`."""
    found = {}
    for file in sorted(ROOT.rglob("*.py")):
        name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        if not name.startswith(("store.tables", "store.migrations")):
            found[name] = ast.parse(file.read_text(encoding="utf-8"))
    return found


@cache
def readers() -> dict[str, ast.AST]:
    """The functions that read what is watched, as `module:function` (`module:Class.function`)."""
    parsed = modules()
    tainted = _tainted(parsed)
    found: dict[str, ast.AST] = {}
    for module, tree in parsed.items():
        names = _imported(tree, tainted) | tainted.get(module, set())
        for place, node in _functions(tree):
            if _touches(node, names):
                found[f"{module}:{place}"] = node
    return found


def _functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Functions and methods; what is defined in one belongs to it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{node.name}.")
        elif isinstance(node, ast.If):
            yield from _functions(node, prefix)


def _tainted(parsed: dict[str, ast.Module]) -> dict[str, set[str]]:
    """Module-level names that are made of watched tables; repeated until nothing new is found."""
    found: dict[str, set[str]] = {module: set() for module in parsed}
    while True:
        before = sum(map(len, found.values()))
        for module, tree in parsed.items():
            names = _imported(tree, found) | found[module]
            for node in tree.body:
                if (
                    isinstance(node, ast.Assign | ast.AnnAssign)
                    and node.value
                    and _touches(node.value, names)
                ):
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    found[module] |= {one.id for target in targets for one in ast.walk(target)
                                      if isinstance(one, ast.Name)}  # fmt: skip
        if sum(map(len, found.values())) == before:
            return found


def _imported(tree: ast.Module, tainted: dict[str, set[str]]) -> set[str]:
    """The names that a module takes from others and that are tainted there."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("sync_server."):
            there = tainted.get(node.module.removeprefix("sync_server."), set())
            found |= {one.asname or one.name for one in node.names if one.name in there}
    return found


def _touches(node: ast.AST, names: set[str]) -> bool:
    return any(_names_table(one, names) for one in ast.walk(node))


def _names_table(node: ast.AST, names: set[str]) -> bool:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "t":
        return node.attr in _ATTRIBUTES
    if isinstance(node, ast.Name):
        return node.id in names
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and _SQL.search(text) is not None


def names_in(node: ast.AST) -> frozenset[str]:
    """Every name and attribute that a function uses."""
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return frozenset(names | {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)})
