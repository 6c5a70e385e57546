"""Who may write which customers: a writer over one source, as far down the tree as it reaches."""

from typing import TYPE_CHECKING, Protocol

from domain.entities.base import Instant
from domain.ids import IdSource
from sync_server.api.sealing import SECRET_FILE, server_secret
from sync_server.settings import Settings
from sync_server.store import erasures
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.customers import CustomerWriter
from sync_server.store.erasures import Hasher
from sync_server.store.organisation import TreeCache
from sync_server.store.organisation_writer import unit_ids_by_code

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Parts(Protocol):
    """What is needed of the server's parts."""

    @property
    def settings(self) -> Settings: ...
    @property
    def ids(self) -> IdSource: ...
    @property
    def trees(self) -> TreeCache: ...
    @property
    def configurations(self) -> ConfigurationCache: ...


def writer_for(
    parts: Parts, conn: "Connection", source: str, *, below: str = "", at: Instant
) -> CustomerWriter:
    """A writer of a source's rows; `below`: at this unit and those under it alone."""
    units = unit_ids_by_code(conn)
    if below:
        tree = parts.trees.current(conn)
        units = {code: id for code, id in units.items() if below in tree.ancestors(id)}
    erased = None
    if (parts.settings.folder / SECRET_FILE).exists():
        known = erasures.values(conn)
        hasher = Hasher(server_secret(parts.settings.folder))
        erased = erasures.matcher_of(hasher, known) if known else None
    return CustomerWriter(
        conn,
        source,
        units=units,
        lines=frozenset(parts.configurations.current(conn).lines),
        erased=erased,
        ids=parts.ids,
        at=at,
        everywhere=not below,
    )
