"""A push asks the database a fixed number of times, however many commands it holds (decision 0006)."""

from typing import Any

import pytest
from sqlalchemy import event

from domain.wire.commands import Command, Reply
from sync_server.store import direct
from sync_server.store.engine import Store
from tests.sync_server.chain import Chain

MOST = 20
"""Statements of a push without notices; on PostgreSQL they go out in three or four round trips."""


class _Counted:
    """Counts what goes to the database, by the driver and by SQLAlchemy."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts: list[str] = []
        plain = direct._executed

        def executed(conn: Any, how: str, text: str, values: Any, **more: Any) -> Any:
            self.texts.append(text)
            return plain(conn, how, text, values, **more)

        monkeypatch.setattr(direct, "_executed", executed)
        event.listen(store.engine, "before_cursor_execute", lambda *said: self.texts.append(said[2]))


def _pairs(chain: Chain, count: int) -> list[Command]:
    made: list[Command] = []
    for _ in range(count):
        create = chain.create("e1", personal={"phone": "13900001111"})
        made += [create, chain.command("reply", Reply(body="x"), ticket=create.ticket_id)]
    return made


def test_a_full_batch_asks_no_more_often_than_a_small_one(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two commands or fifty, on new tickets or known ones: the same statements, and few of them."""
    chain = Chain(store)
    small, full = _pairs(chain, 1), _pairs(chain, 25)
    for _ in range(4):  # after them tree, configuration and grants are known, and all that follows comes late
        chain.do("amy", *_pairs(chain, 1))
    counted = _Counted(store, monkeypatch)
    asked = []
    for commands in (small, full):
        counted.texts.clear()
        assert {v.status for v in chain.do("amy", *commands)} == {"applied"}
        asked.append(list(counted.texts))
    assert asked[0] == asked[1]
    assert len(asked[0]) <= MOST
    for creates in (small, full):
        again = [chain.command("reply", Reply(body="y"), ticket=one.ticket_id) for one in creates]
        counted.texts.clear()
        chain.do("amy", *again)
        asked.append(list(counted.texts))
    assert asked[2] == asked[3]
    assert len(asked[2]) <= MOST
