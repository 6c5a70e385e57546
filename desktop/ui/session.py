"""What every window is given: the person signed in, and the parts that serve them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from desktop.clock import Clock, ServerTime
from desktop.replica.engine import Replica
from desktop.settings import SettingsFile
from desktop.sync.state import SyncState
from desktop.ui.bridge import Bridge
from domain.ids import IdSource
from domain.wire.identity import Me

if TYPE_CHECKING:
    from desktop.commands.runner import Runner
    from desktop.reminders import Reminders
    from desktop.sync.customers import Customers
    from desktop.sync.explaining import Explaining
    from desktop.sync.older import Older
    from desktop.sync.own_modules import OwnModules
    from desktop.sync.reports import Reports


class Sync(Protocol):
    """The exchange with the server, as windows see it."""

    @property
    def state(self) -> SyncState:
        """How it stands now; `bridge.sync_state` tells of each change."""
        ...

    def wake(self) -> None:
        """There is something to send."""
        ...

    def sync_now(self) -> None:
        """Try at once, whatever was waited for (F5)."""
        ...

    def verify(self) -> None:
        """Compare what is here with the server now; the state tells how it goes."""
        ...


@dataclass(frozen=True, kw_only=True)
class Session:
    """One person signed in on this machine; windows get it as their one argument."""

    person: Me
    replica: Replica
    runner: "Runner"
    bridge: Bridge
    sync: Sync
    reminders: "Reminders"
    reports: "Reports"
    clock: Clock
    server_time: ServerTime
    ids: IdSource
    settings: SettingsFile
    sign_out: Callable[[], None]
    """Ends the session and shows the sign-in window; what is unsent stays on this machine."""
    older: "Older | None" = None
    explaining: "Explaining | None" = None
    """Finds on the server what this desktop keeps no longer; none where there is no server to ask."""
    customers: "Customers | None" = None
    """Asks the server for customers; none where there is no server to ask."""
    own_modules: "OwnModules | None" = None
    """Keeps the person's own texts on the server; none where there is no server to ask."""
    takes_files: bool = True
    """Whether files can be attached; not where what is written is sealed."""
