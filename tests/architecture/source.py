"""The project's own files, read once for all the tests of the house rules."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("domain", "desktop", "sync_server", "resources")


@dataclass(frozen=True)
class Import:
    """One module that a file imports, and the line where it does."""

    module: str
    line: int
    for_types_only: bool


@dataclass(frozen=True)
class Module:
    """One Python file and its syntax tree."""

    path: Path

    @cached_property
    def tree(self) -> ast.Module:
        """What it says, parsed once for all tests of a process."""
        return ast.parse(self.path.read_text(encoding="utf-8"), str(self.path))

    @property
    def name(self) -> str:
        """The path inside the project, with forward slashes."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def lines(self) -> int:
        """How long the file is."""
        return len(self.path.read_text(encoding="utf-8").splitlines())

    def lies_in(self, places: tuple[str, ...]) -> bool:
        """True if the file is one of the places, or lies in a folder that is one."""
        return any(self.name == place or self.name.startswith(place.rstrip("/") + "/") for place in places)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every import, wherever in the file it stands."""
        return tuple(self._imports())

    def _imports(self) -> Iterator[Import]:
        for_types = {id(node) for branch in self._type_checking_branches() for node in ast.walk(branch)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    yield Import(name.name, node.lineno, id(node) in for_types)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield Import(node.module, node.lineno, id(node) in for_types)

    def _type_checking_branches(self) -> Iterator[ast.stmt]:
        """Yield what runs for the type checker alone."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.If) and _named(node.test) == "TYPE_CHECKING":
                yield from node.body


def _named(test: ast.expr) -> str:
    """The name that a condition consists of, without where it is from."""
    return test.id if isinstance(test, ast.Name) else test.attr if isinstance(test, ast.Attribute) else ""


@cache
def own_files() -> tuple[Path, ...]:
    """Every file that is in the repository or would be taken into it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


@cache
def _modules() -> tuple[Module, ...]:
    """Every Python file of the project."""
    return tuple(Module(path) for path in own_files() if path.suffix == ".py")


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Every Python file below the folders; of the whole project if none is named."""
    return tuple(module for module in _modules() if not folders or module.lies_in(folders))
