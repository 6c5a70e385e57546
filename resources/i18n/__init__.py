"""The words people read, as flat sorted maps from dotted keys to text with {placeholders}."""

import json
from pathlib import Path

LANGUAGES = ("zh_CN", "en")


def path_of(language: str) -> Path:
    """The file that holds a language; raises KeyError for one that is not shipped."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return Path(__file__).parent / f"{language}.json"


def load(language: str) -> dict[str, str]:
    """Every text of a language by its key."""
    texts: dict[str, str] = json.loads(path_of(language).read_text(encoding="utf-8"))
    return texts


def save(language: str, texts: dict[str, str]) -> None:
    """Write a language back, sorted by key, replacing the file in one step."""
    target = path_of(language)
    written = json.dumps(dict(sorted(texts.items())), ensure_ascii=False, indent=1)
    beside = target.with_suffix(".new")
    beside.write_text(written + "\n", encoding="utf-8", newline="\n")
    beside.replace(target)
