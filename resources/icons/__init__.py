"""Phosphor icons (MIT) as SVG on a grid of 256, for machines whose policy blocks font files."""

from pathlib import Path


def read(name: str) -> bytes:
    """The SVG of an icon, in black; raises FileNotFoundError for one that is not shipped."""
    return (Path(__file__).parent / f"{name}.svg").read_bytes()


def names() -> frozenset[str]:
    """Every icon that is shipped."""
    return frozenset(path.stem for path in Path(__file__).parent.glob("*.svg"))
