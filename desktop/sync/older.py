"""Tickets that this desktop keeps no longer: found by the server, fetched by the exchange in its turn (SYNC §6)."""

from typing import Protocol

from desktop.replica import meta, purge
from desktop.replica.changed import Changed
from desktop.replica.engine import Replica
from domain.wire.older import OlderAnswer, OlderRequest, OlderTicket
from domain.wire.protocol import PROTOCOL

MOST = 20


class Asking(Protocol):
    """The part of the transport that this needs; raises as desktop.sync.transport says."""

    def search_older(self, request: OlderRequest) -> OlderAnswer:
        """Ask for what is found."""
        ...


class Older:
    """Asks the server; what was found is not kept, what is fetched stays until the next retention run."""

    def __init__(self, asking: Asking, replica: Replica) -> None:
        self._asking, self._replica = asking, replica

    def any_left_out(self) -> bool:
        """Whether there is anything that desktops do not keep."""
        with self._replica.read() as conn:
            return meta.number(conn, "keep_since") > 0

    def find(self, words: str) -> tuple[OlderTicket, ...]:
        """The newest that hold all these words; may wait, so not on the window's thread."""
        with self._replica.read() as conn:
            asked = OlderRequest(protocol=PROTOCOL, device=meta.get(conn, "device"), words=words, limit=MOST)
        return self._asking.search_older(asked).found

    def want(self, id: str) -> Changed:
        """Have a ticket fetched whole with the next turn of the exchange."""
        with self._replica.write() as conn:
            purge.want(conn, [id])
        return Changed(kinds=frozenset({"sync"}))
