"""People's grants in memory, by the version that every change of them raises."""

from collections.abc import Callable, Iterable

from sqlalchemy import Connection

from domain.entities.people import Actor, Grant
from domain.entities.ticket import Ticket
from domain.rules.permissions import access
from sync_server.store.direct import Sql
from sync_server.store.organisation import Tree

MOST = 5_000
"""People kept; beyond that it begins anew."""

_NAMES = Grant.__struct_fields__
_GRANTS = Sql(f"SELECT {', '.join(_NAMES)} FROM access_grant WHERE person = ? ORDER BY id")
_VERSIONS = Sql("SELECT id, grants_version FROM person WHERE id IN ? AND active")


class GrantCache:
    """Gives a person's grants as of a version that the caller has just read; asks only for what it hasn't."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, tuple[Grant, ...]]] = {}

    def of(self, conn: Connection, person: str, version: int | None = None) -> tuple[Grant, ...]:
        """The grants, never older than that version; without one as they are now: none of one who has left."""
        if version is None:
            now = _VERSIONS.all(conn, [person])
            return self.of(conn, person, now[0][1]) if now else ()
        known = self._kept.get(person)
        if known is None or known[0] != version:
            rows = _GRANTS.all(conn, person)
            known = (version, tuple(Grant(**dict(zip(_NAMES, row, strict=True))) for row in rows))
            if len(self._kept) >= MOST:
                self._kept = {}
            self._kept[person] = known
        return known[1]

    def sight(self, conn: Connection, people: Iterable[str], tree: Tree) -> Callable[[str, Ticket], bool]:
        """Who of these people may see which ticket now; who has left sees what they take part in, no more."""
        wanted = sorted(set(people))
        versions: dict[str, int] = dict(_VERSIONS.all(conn, wanted)) if wanted else {}

        def sees(person: str, ticket: Ticket) -> bool:
            held = self.of(conn, person, versions[person]) if person in versions else ()
            return access(Actor(person=person, grants=held), ticket, tree.ancestors).visible

        return sees
