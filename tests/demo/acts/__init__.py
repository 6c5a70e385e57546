"""What the person before a desktop can be asked to do, by name; one file for each part of the day."""

from collections.abc import Callable
from typing import Any

from desktop.app import App
from tests.demo.acts.beside import Beside
from tests.demo.acts.creating import Creating
from tests.demo.acts.handling import Handling
from tests.demo.acts.looking import Looking
from tests.demo.acts.reminding import Reminding
from tests.demo.acts.signing import Signing

Act = Callable[..., Any]


def all_acts(app: App) -> dict[str, Act]:
    """Every act of one desktop: the public methods of the parts."""
    parts = (Looking(app), Signing(app), Creating(app), Handling(app), Beside(app), Reminding(app))
    return {
        name: getattr(part, name) for part in parts for name in vars(type(part)) if not name.startswith("_")
    }
