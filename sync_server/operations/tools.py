"""What an operator's commands work with, made once by the composition root."""

from dataclasses import dataclass

from sync_server.access.passwords import Passwords
from sync_server.clock import Clock
from sync_server.push.pipeline import Ids, Pusher
from sync_server.settings import Settings
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.organisation import TreeCache


@dataclass(frozen=True, kw_only=True)
class Tools:
    """The store and what reads and writes it."""

    settings: Settings
    store: Store
    clock: Clock
    ids: Ids
    trees: TreeCache
    configurations: ConfigurationCache
    passwords: Passwords
    pusher: Pusher
