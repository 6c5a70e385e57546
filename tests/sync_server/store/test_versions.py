"""What a process remembers by a version outlives no database that went back in time."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, delete, update

from domain.entities.people import Grant
from sync_server.access.grants import GrantCache
from sync_server.store import epochs
from sync_server.store import tables as t
from sync_server.store.engine import Store
from sync_server.store.organisation import TreeCache
from sync_server.store.people_writer import grants_of, write_grants
from sync_server.store.unit_of_work import UnitOfWork
from sync_server.store.versions import PASSED, config_version
from tests.sync_server.chain import START, Chain


@pytest.fixture
def chain(store: Store) -> Chain:
    """A small chain on either database."""
    return Chain(store)


def _fails_over(chain: Chain, lost: Callable[[Connection], None], *, at: int = START) -> None:
    """The database is one that lacks the newest commits; the operator opens a recovery."""
    with chain.store.write() as conn:
        lost(conn)
        epochs.open_epoch(conn, epoch=f"e{at}", at=at, since=at, reason="failover")
        conn.commit()


def _grants(chain: Chain, person: str, grants: list[Grant]) -> None:
    with chain.store.write() as conn:
        work = UnitOfWork(conn, nonces=chain.ids, at=START)
        assert write_grants(work, chain.ids, person, grants)
        work.commit()


def test_grants_that_were_lost_are_not_remembered(chain: Chain) -> None:
    """A right given before a fail-over that lost it is not had after the next change, which would bear its version."""
    cache = GrantCache()

    def held() -> list[str]:
        with chain.store.read() as conn:
            return sorted(grant.unit for grant in cache.of(conn, "amy"))

    with chain.store.read() as conn:
        before = grants_of(conn, "amy")
    first = held()
    wide = replace(before[0], id="wide", unit="hq")
    _grants(chain, "amy", [*before, wide])
    assert held() == sorted([*first, "hq"])

    def lost(conn: Connection) -> None:
        conn.execute(delete(t.grant).where(t.grant.c.person == "amy", t.grant.c.unit == "hq"))
        c = t.person.c
        conn.execute(update(t.person).where(c.id == "amy").values(grants_version=c.grants_version - 1))

    _fails_over(chain, lost)
    _grants(chain, "amy", [])
    assert held() == []


def test_no_version_of_tree_or_configuration_is_given_twice(chain: Chain) -> None:
    """Nor after a second fail-over that loses the first recovery, too."""
    trees, versions = TreeCache(), list[tuple[int, int]]()
    c = t.counter.c

    def note() -> None:
        with chain.store.read() as conn:
            versions.append((trees.current(conn).version, config_version(conn)))

    def lost(conn: Connection) -> None:
        for name, before in (("tree", 1), ("config", 1), (PASSED, 0)):
            conn.execute(update(t.counter).where(c.name == name).values(value=before))

    for at in (START, START + 60_000):
        with chain.store.write() as conn:
            conn.execute(update(t.counter).where(c.name.in_(["tree", "config"])).values(value=c.value + 1))
            conn.commit()
        note()
        _fails_over(chain, lost, at=at)
        note()
    for given in zip(*versions, strict=True):
        assert len(set(given)) == 4
        assert list(given) == sorted(given)
