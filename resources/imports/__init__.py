"""Which headings of people's own files mean which field of an import."""

import json
from pathlib import Path


def headings(noun: str) -> dict[str, list[str]]:
    """The headings that are understood for each field of a noun, the likeliest first."""
    text = (Path(__file__).parent / "columns.json").read_text(encoding="utf-8")
    found: dict[str, list[str]] = json.loads(text)[noun]
    return found
