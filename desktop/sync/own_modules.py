"""The person's own text modules, kept by the server, from where they reach all their desktops (RULES §5)."""

from typing import Protocol

from domain.wire.text_modules import KeepTextModule


class Keeping(Protocol):
    """The part of the transport that this needs; raises as desktop.sync.transport says."""

    def keep_text_module(self, id: str, module: KeepTextModule) -> None:
        """Write one."""
        ...

    def drop_text_module(self, id: str) -> None:
        """Delete one."""
        ...


class OwnModules:
    """Writes and deletes; what comes of it arrives with the next pull. May wait: not on the window's thread."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping

    def keep(self, id: str, module: KeepTextModule) -> None:
        """Write one of the person's own, new or anew."""
        self._keeping.keep_text_module(id, module)

    def drop(self, id: str) -> None:
        """Delete one of the person's own."""
        self._keeping.drop_text_module(id)
