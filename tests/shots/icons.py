"""Writes the SVG of every icon the windows use, from the icon font: python -m tests.shots.icons [MORE NAMES]."""

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QGuiApplication, QPainterPath

from desktop.ui.theme.icons import outline
from resources import icons

ROOT = Path(__file__).parents[2]
_KEYWORDS = {"glyph", "icon"}
_PLACES = {
    "icon": 0,
    "pixmap": 0,
    "IconButton": 0,
    "EmptyState": 0,
    "set_icon": 0,
    "SidebarItem": 2,
    "paint_icon": 2,
}


def used_names() -> set[str]:
    """The icons named in calls anywhere under desktop/ui, and in tables of looks among the parts."""
    found: set[str] = set()
    for path in (ROOT / "desktop" / "ui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                found.update(_named(node))
    return found


def _named(call: ast.Call) -> Iterator[str]:
    """The names in one call; those that are worked out are left to the looks."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    place = _PLACES.get(name)
    given = [keyword.value for keyword in call.keywords if keyword.arg in _KEYWORDS]
    if place is not None and len(call.args) > place:
        given.append(call.args[place])
    for value in given:
        for part in ast.walk(value):
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value:
                yield part.value


def as_svg(path: QPainterPath) -> str:
    """An outline on the grid of 256 as an SVG."""
    kinds = QPainterPath.ElementType
    steps: list[str] = []
    for place in range(path.elementCount()):
        element = path.elementAt(place)
        at = f"{element.x:.4g} {element.y:.4g}"
        kind = element.type
        letter = {kinds.MoveToElement: "M", kinds.LineToElement: "L", kinds.CurveToElement: "C"}.get(kind, "")
        steps.append(f"{letter}{at}")
    drawn = " ".join(steps)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256"><path d="{drawn}"/></svg>\n'


def main(names: list[str]) -> int:
    """Write what is missing; 1 when the font has no such icon."""
    app = QGuiApplication([])
    missing = sorted((used_names() | set(names)) - icons.names())
    unknown = [name for name in missing if outline(name) is None]
    for name in missing:
        path = outline(name)
        if path is not None:
            (ROOT / "resources" / "icons" / f"{name}.svg").write_text(as_svg(path), encoding="utf-8")
    sys.stdout.write(f"wrote {len(missing) - len(unknown)}; not in the font: {unknown}\n")
    del app
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
