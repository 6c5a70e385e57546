"""The diary of one run: steps with their times, pictures, and the summary that is written at the end."""

import json
import platform
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tests.reader import Findings

PARTS = ("PySide6-Essentials", "SQLAlchemy", "sqlcipher3", "litestar", "msgspec")
MOST_NAMED = 20
"""Ids of each kind that a summary spells out; the counts are whole."""


class StepFailed(Exception):
    """A step of the story did not hold."""


class Journal:
    """Tells each step as it goes, and remembers it."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.steps: list[dict[str, Any]] = []
        self.pictures: list[str] = []
        self._began = time.monotonic()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step; what goes wrong inside ends the story as StepFailed."""
        began = time.monotonic()
        error = ""
        try:
            yield
        except KeyboardInterrupt:
            raise
        except (Exception, SystemExit) as reason:
            error = f"{type(reason).__name__}: {reason}"
            raise StepFailed(f"{name}: {error}") from reason
        finally:
            took = round(time.monotonic() - began, 3)
            self.steps.append(
                {"step": name, "ok": not error, "took_s": took} | ({"error": error} if error else {})
            )
            mark = "!!" if error else "ok"
            print(f"{len(self.steps):>3} {mark} {took:>7.2f} s  {name}  {error}".rstrip(), flush=True)

    def picture(self, file: Path) -> None:
        """Note a picture that was taken."""
        self.pictures.append(file.relative_to(self.out).as_posix())

    def summary(self, *, findings: Findings | None, **more: Any) -> dict[str, Any]:
        """Everything that is known now; `ok` only if every step held and the reader found nothing."""
        held = bool(self.steps) and all(step["ok"] for step in self.steps)
        return {
            "ok": held and findings is not None and findings.clean(),
            **_found(findings),
            "steps": self.steps,
            "took_s": round(time.monotonic() - self._began, 1),
            "screenshots": self.pictures,
            "versions": versions(),
            **more,
        }

    def write(self, summary: Mapping[str, Any]) -> Path:
        """Write the summary; returns its file."""
        file = self.out / "summary.json"
        file.write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return file


def _found(findings: Findings | None) -> dict[str, Any]:
    """The reader's counts, with the first ids where there is anything."""
    if findings is None:
        return {"lost": None, "duplicated": None, "leaked": None, "missing": None, "different": None}
    names = ("lost", "duplicated", "leaked", "missing", "different")
    found = {name: getattr(findings, name) for name in names}
    told: dict[str, Any] = {name: len(ids) for name, ids in found.items()}
    told["feed_holes"] = findings.feed_holes
    told["findings"] = {name: ids[:MOST_NAMED] for name, ids in found.items() if ids}
    told["counts"] = findings.counts
    return told


def versions() -> dict[str, str]:
    """What this ran on."""
    found = {"python": sys.version.split()[0], "system": platform.platform()}
    for part in PARTS:
        try:
            found[part] = version(part)
        except PackageNotFoundError:
            continue
    return found
