"""What a person may set on this machine, and what windows remember of their looks; kept as one JSON file."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec

from desktop.paths import write_whole
from domain.entities.base import Entity, Instant

FILE = "settings.json"

Language = Literal["zh_CN", "en"]
Scheme = Literal["", "light", "dark"]
NoticeWay = Literal["pop", "sound", "silent"]
"""It pops up, does so with a sound, or only stands in the inbox and is counted."""


class Settings(Entity):
    """Every setting with its default; one that doesn't hold falls back to it, the others stay."""

    server: str = ""  # address, remembered from the last sign-in
    login: str = ""
    language: Language = "zh_CN"
    scheme: Scheme = ""  # empty: as the system has it
    density: Literal["compact", "comfortable"] = "compact"
    do_not_disturb: bool = False  # reminders wait in the tray
    quiet_until: Instant = 0  # the same until a moment
    quiet_from: str = ""  # every day from 22:00 …
    quiet_to: str = ""  # … until 08:00, by this machine's clock; empty: no such hours
    notices: dict[str, NoticeWay] = {}  # by group of kinds; what is not there pops up
    tray: bool = True  # closing the window keeps the program in the tray, where there is one
    shrink_photos: bool = True  # photos of more than 10 megapixels are made smaller when attached
    attachment_cache_mb: int = 512  # of attachments that were looked at; one's own unsent ones come on top
    looks: dict[str, Any] = {}  # by window: column widths, order, splitters; never a customer's words


class SettingsFile:
    """The settings in force; changes are written at once, replacing the file in one step."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._lock = threading.Lock()
        self._listeners: list[Callable[[Settings], None]] = []
        self.current = _read(self._path)

    def change(self, **values: Any) -> Settings:
        """Set some and keep the rest; raises msgspec.ValidationError for a value that doesn't hold."""
        with self._lock:
            raw = msgspec.to_builtins(self.current) | values
            self.current = msgspec.convert(raw, Settings)
            self._write()
        for listener in list(self._listeners):
            listener(self.current)
        return self.current

    def look(self, key: str, default: Any = None) -> Any:
        """What a window remembered under a key."""
        return self.current.looks.get(key, default)

    def remember(self, key: str, look: Any) -> None:
        """Remember a window's look: plain JSON values only."""
        if self.current.looks.get(key) != look:
            self.change(looks=self.current.looks | {key: look})

    def listen(self, listener: Callable[[Settings], None]) -> Callable[[], None]:
        """Call a function after each change, until what is returned is called."""
        self._listeners.append(listener)

        def leave() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return leave

    def _write(self) -> None:
        write_whole(self._path, msgspec.json.format(msgspec.json.encode(self.current), indent=1))


def _read(path: Path) -> Settings:
    """The settings in the file; what is unreadable in it counts as never set."""
    try:
        raw = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Settings()
    if not isinstance(raw, dict):
        return Settings()
    kept: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        if field.name in raw:
            try:
                kept[field.name] = msgspec.convert(raw[field.name], field.type)
            except msgspec.ValidationError:
                continue
    return Settings(**kept)
