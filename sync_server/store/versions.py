"""The versions by which a process knows grants, organisation and configuration in its memory again."""

from sqlalchemy import Connection, update

from domain.entities.base import Instant
from sync_server.store import tables as t
from sync_server.store.direct import Sql
from sync_server.store.upsert import upsert

PASSED = "passed_over"
"""The counter of what versions of the configuration are ahead of its number, which people read and write."""
LEAST = 1_000
CONFIG_VERSION = (
    "(SELECT n.value + coalesce((SELECT o.value FROM counter o WHERE o.name = 'passed_over'), 0)"
    " FROM counter n WHERE n.name = 'config')"
)
"""The configuration's version, as a part of a statement; NULL where nothing was ever configured."""
_CONFIG = Sql(f"SELECT {CONFIG_VERSION}")


def config_version(conn: Connection) -> int:
    """The version of the configuration that this transaction sees."""
    return int(_CONFIG.all(conn)[0][0] or 0)


def pass_over(conn: Connection, at: Instant) -> None:
    """Have no version given twice, though the database went back: processes may remember those that were lost.

    By more with every second, so that going back to before this very call does not give them twice either.
    """
    by = LEAST + at // 1000
    c = t.counter.c
    conn.execute(update(t.person).values(grants_version=t.person.c.grants_version + by))
    conn.execute(update(t.counter).where(c.name == "tree").values(value=c.value + by))
    conn.execute(upsert(conn, t.counter), [{"name": PASSED, "value": by}])
