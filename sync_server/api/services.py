"""Everything handlers are given by the composition root."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sync_server.access.audit import Audit
from sync_server.access.grants import GrantCache
from sync_server.access.known import KnownTokens
from sync_server.access.passwords import Passwords
from sync_server.access.tokens import Lifetimes
from sync_server.api.admission import Gate, Kind
from sync_server.api.aside import Aside
from sync_server.api.meters import Meters
from sync_server.api.poke import PokeHub
from sync_server.api.sealing import Sealer
from sync_server.clock import Clock
from sync_server.feed.snapshot import Snapshots
from sync_server.feed.tail import FeedTail
from sync_server.push.pipeline import Ids, Pusher
from sync_server.push.receipts import Receipts
from sync_server.settings import Settings
from sync_server.store.blob_files import BlobFiles
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.organisation import TreeCache


@dataclass(frozen=True, kw_only=True)
class Services:
    """The server's parts, each made once."""

    settings: Settings
    store: Store
    clock: Clock
    ids: Ids
    configurations: ConfigurationCache
    trees: TreeCache
    passwords: Passwords
    audit: Audit
    sealer: Sealer
    hub: PokeHub
    aside: Aside
    gates: Mapping[Kind, Gate]
    meters: Meters
    pusher: Pusher
    snapshots: Snapshots
    receipts: Receipts
    known: KnownTokens = field(default_factory=KnownTokens)
    grants: GrantCache = field(default_factory=GrantCache)
    tail: FeedTail = field(default_factory=FeedTail)

    @property
    def blob_files(self) -> BlobFiles:
        """The folder of attachments' bytes."""
        return BlobFiles(self.settings.blob_folder, keep_free=self.settings.attachment_keep_free_mb << 20)

    @property
    def lifetimes(self) -> Lifetimes:
        """How long new tokens live."""
        return Lifetimes(access_s=self.settings.access_token_s, refresh_s=self.settings.refresh_token_s)
