"""Makes a snapshot anew where several people hold everything and the one at hand is behind (SYNC §6)."""

from domain.ids import IdSource
from domain.rules.permissions import sees_everything
from sync_server.access.viewer import load_grants
from sync_server.feed.snapshot import REBUILD_AFTER, Snapshots
from sync_server.jobs.giving_way import GivingWay
from sync_server.store.engine import Store
from sync_server.store.organisation import TreeCache
from sync_server.store.queries.worth import are_as_many_tickets, people_granted

LEAST_TICKETS = 5_000
"""Fewer are sent row by row in a second."""
LEAST_PEOPLE = 2


class SnapshotJob:
    """One turn looks whether a snapshot is worth making, and makes it."""

    def __init__(self, store: Store, snapshots: Snapshots, trees: TreeCache, ids: IdSource) -> None:
        self._store, self._snapshots, self._trees, self._ids = store, snapshots, trees, ids

    def run(self) -> int:
        """Make a snapshot if one is due; returns how many tickets it holds."""
        if not self._due():
            return 0
        # One connection is its own. In a process that answers nobody the others are those of other jobs.
        give_way = GivingWay(lambda: self._store.connections_in_use() > 1)
        made = self._snapshots.build(self._store, self._ids.new(), give_way=give_way)
        return sum(part.tickets for part in made.parts)

    def _due(self) -> bool:
        with self._store.read() as conn:
            behind = self._snapshots.behind(conn)
            if behind is not None and (behind < REBUILD_AFTER or not self._snapshots.asked):
                return False
            if not are_as_many_tickets(conn, LEAST_TICKETS):
                return False
            tree = self._trees.current(conn)
            roots = [unit for unit in tree.units if tree.is_root(unit)]
            whole = [
                person
                for person in people_granted(conn, roots)
                if any(
                    sees_everything(grant, whole_tree=tree.is_root(grant.unit))
                    for grant in load_grants(conn, person)
                )
            ]
            return len(whole) >= LEAST_PEOPLE
