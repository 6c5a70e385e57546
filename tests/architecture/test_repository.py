"""What is committed works anywhere: it names no registry and no path of one machine."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import ROOT, own_files

# Put together from pieces so that this file does not name what it forbids.
_REGISTRIES = re.compile(
    "|".join(
        re.escape(".".join(words))
        for words in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("tuna", "tsinghua", "edu"),
            ("mirrors", "aliyun"),
            ("registry", "npmjs"),
            ("deb", "debian", "org"),
            ("archive", "ubuntu"),
        )
    )
)
_MACHINE_PATHS = re.compile(r"(?<![\w.~-])/(work|home/[a-z]+|Users/[A-Za-z]+)/[\w.]")
_LOCK_LINE = re.compile(
    r"^(\s*--hash=sha256:[0-9a-f]{64}( \\)?|[a-z0-9][a-z0-9.\[\],-]*==[^\s]+( ; .+)?( \\)?)$"
)


def _lines(pattern: re.Pattern[str]) -> Iterator[str]:
    """Yield where a text file of ours matches."""
    for path in own_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            if pattern.search(line):
                yield f"{path.relative_to(ROOT).as_posix()}:{number}"


def _lock(name: str) -> list[str]:
    return (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8").splitlines()


def _pins(name: str) -> set[str]:
    return {line.split(" ")[0] for line in _lock(name) if "==" in line.split(" ")[0]}


def test_no_registry_is_named() -> None:
    """Packages come from whatever index the machine is set up for."""
    assert not list(_lines(_REGISTRIES))


def test_no_path_of_one_machine_is_named() -> None:
    """Nothing expects a folder that only one machine has."""
    assert not list(_lines(_MACHINE_PATHS))


def test_locks_hold_pins_and_hashes_only() -> None:
    """A lock can hold neither an address nor an unpinned or unhashed package."""
    for name in ("desktop", "server", "dev"):
        odd = [line for line in _lock(name) if not _LOCK_LINE.match(line)]
        assert not odd, f"{name}.lock: {odd[:3]}"


def test_smaller_locks_hold_the_tested_versions() -> None:
    """What is shipped is installed from the very versions the tests ran with."""
    assert _pins("desktop") | _pins("server") <= _pins("dev")


def test_no_file_is_too_large() -> None:
    """Real material and build results are not committed by mistake."""
    large: list[Path] = [path for path in own_files() if path.stat().st_size > 2_000_000]
    assert not large
