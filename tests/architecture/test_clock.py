"""The wall clock is read in one place at each end and injected everywhere else."""

import ast
from collections.abc import Iterator

from tests.architecture.source import Module, modules

_READS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "QDateTime.currentDateTime",
    "QDateTime.currentDateTimeUtc",
    "QDateTime.currentMSecsSinceEpoch",
    "QDate.currentDate",
    "QTime.currentTime",
}


def _clock_reads(module: Module) -> Iterator[str]:
    """Yield where a file reads the wall clock, by its full name or by one imported from time."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            if f"{owner}.{node.attr}" in _READS:
                yield f"{module.name}:{node.lineno} {owner}.{node.attr}"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            for name in node.names:
                if f"time.{name.name}" in _READS:
                    yield f"{module.name}:{node.lineno} from time import {name.name}"


def test_wall_clock_is_read_in_clock_modules_only() -> None:
    """Whoever needs the time is given a clock, so that a simulation can give it another."""
    shipped = modules("domain", "desktop", "sync_server")
    strays = [read for module in shipped if module.path.name != "clock.py" for read in _clock_reads(module)]
    assert not strays


def test_domain_has_no_clock() -> None:
    """The domain is told the time as an argument."""
    assert not [read for module in modules("domain") for read in _clock_reads(module)]
