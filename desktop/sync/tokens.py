"""The tokens of this device: kept in the encrypted replica, new ones before they are used."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop.replica import meta
from desktop.replica.engine import Replica
from domain.entities.base import Instant
from domain.wire.identity import Lease, Tokens

if TYPE_CHECKING:
    from sqlalchemy import Connection

KEY = "tokens"


class TokenShelf:
    """The tokens in force; without a replica they are held in memory alone, until there is one."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        self._tokens = tokens
        self._replica: Replica | None = None
        self.lease_told: Callable[[Lease, Instant], None] | None = None
        """Hears of the lease that comes with new tokens, with the server's time."""
        self.renewing = threading.Lock()
        """Held while new tokens are fetched, so that two threads don't use up one refresh token."""

    @property
    def current(self) -> Tokens | None:
        """The tokens to use now; None: the person has to sign in."""
        return self._tokens

    def keep_in(self, replica: Replica) -> None:
        """From now on keep tokens in this replica; take those it has where there are none at hand."""
        self._replica = replica
        if self._tokens is None:
            with replica.read() as conn:
                self._tokens = meta.struct(conn, KEY, Tokens)
        else:
            self.keep(self._tokens)

    def keep(self, tokens: Tokens) -> None:
        """Keep new tokens, and use them from then on."""
        if self._replica is not None:
            with self._replica.write() as conn:
                meta.put_struct(conn, KEY, tokens)
        self._tokens = tokens

    def tell_lease(self, lease: Lease | None, server_at: Instant) -> None:
        """A lease came with new tokens, or none from a server of before."""
        if lease is not None and self.lease_told is not None:
            self.lease_told(lease, server_at)

    def keep_with(self, conn: "Connection", tokens: Tokens) -> None:
        """Keep new tokens within a transaction of the caller's, who calls `use` once it is committed."""
        meta.put_struct(conn, KEY, tokens)

    def use(self, tokens: Tokens) -> None:
        """Use tokens that were kept by `keep_with`."""
        self._tokens = tokens
