"""Keeps the language files in order: `sort`, or `add FILE` (- is stdin) with {"key": ["中文", "English"]}."""

import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from resources.i18n import LANGUAGES, load, save

LOCK_WAIT_S = 10


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold the lock file, so that two people adding words at once lose none."""
    give_up = time.monotonic() + LOCK_WAIT_S
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.02)
    try:
        yield
    finally:
        lock.unlink()


def add(words: dict[str, list[str]]) -> None:
    """Merge words into both files; a key that exists is overwritten."""
    with _alone(Path(__file__).parent / ".lock"):
        for position, language in enumerate(LANGUAGES):
            save(language, load(language) | {key: texts[position] for key, texts in words.items()})


def main(arguments: list[str]) -> int:
    """Run the command line; 2 when it is not understood."""
    if arguments == ["sort"]:
        add({})
    elif len(arguments) == 2 and arguments[0] == "add":
        source = sys.stdin.read() if arguments[1] == "-" else Path(arguments[1]).read_text(encoding="utf-8")
        add(json.loads(source))
    else:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
