"""How often the person took each text module, kept on this machine."""

from collections.abc import Mapping

from desktop.settings import SettingsFile

_LOOK = "create.module_uses"
"""The name it has had since descriptions alone were counted."""


def uses(settings: SettingsFile) -> Mapping[str, int]:
    """Uses by the module's id."""
    counted: Mapping[str, int] = settings.look(_LOOK, {})
    return counted


def count_use(settings: SettingsFile, module: str) -> None:
    """One more."""
    counted = dict(uses(settings))
    counted[module] = counted.get(module, 0) + 1
    settings.remember(_LOOK, counted)
