"""A server that went back in time is noticed by the head it told before (SYNC §1)."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from sqlalchemy import delete, update

from domain.errors import GongdanError, RefusedError
from domain.wire.commands import Reply
from domain.wire.sync import Range
from sync_server.feed.heads import head_token
from sync_server.store import tables as t
from sync_server.store.engine import Store
from tests.sync_server.chain import Chain


@pytest.fixture
def chain(store: Store) -> Chain:
    """The chain on a fresh database."""
    return Chain(store)


def _head(chain: Chain) -> str:
    with chain.store.read() as conn:
        return head_token(conn)


def _told(asked: Iterable[Callable[[], Any]]) -> set[str]:
    """The heads that the answers tell; a push tells nothing else by that name."""
    answers = [ask() for ask in asked]
    return {answer.seen for answer in answers if not isinstance(answer, list)}


def _asked(chain: Chain, seen: str) -> list[Callable[[], Any]]:
    """Every request, made under a head."""
    return [
        lambda: chain.pulled("amy", seen=seen),
        lambda: chain.pulled("amy", "", seen=seen),
        lambda: chain.filled("amy", Range(kind="mine"), seen=seen),
        lambda: chain.push("amy", (), push_no=99, seen=seen),
    ]


@pytest.mark.parametrize("seen", ["other.1.0", "epoch.999.0", "epoch.1.feedbeef"])
def test_a_head_that_this_feed_never_had_is_refused_by_every_request(chain: Chain, seen: str) -> None:
    """Another epoch, a seq ahead, another content under the same seq: the server went back."""
    chain.do("amy", chain.create())
    for ask in _asked(chain, seen):
        with pytest.raises(RefusedError, match="epoch_changed"):
            ask()


def test_each_answer_tells_the_head_and_each_request_made_under_it_is_answered(chain: Chain) -> None:
    """What was told last is known, however far the feed went on since."""
    made = chain.create()
    chain.do("amy", made)
    told = {
        chain.pulled("amy").seen,
        chain.filled("amy", Range(kind="config")).seen,
        chain.whole("amy", made.ticket_id).seen,
        _head(chain),
    }
    assert told == {_head(chain)}
    chain.do("amy", chain.command("reply", Reply(body="Soon"), ticket=made.ticket_id))
    assert _told(_asked(chain, told.pop())) == {_head(chain)}


def test_a_head_that_was_compacted_away_is_known(chain: Chain) -> None:
    """A replica that slept while the feed was compacted did not meet another server."""
    made = chain.create()
    chain.do("amy", made)
    seen = _head(chain)
    chain.do("amy", chain.command("reply", Reply(body="Soon"), ticket=made.ticket_id))
    seq = int(seen.split(".")[1])
    with chain.store.write() as conn:
        conn.execute(delete(t.change).where(t.change.c.seq == seq))
        conn.execute(update(t.feed_head).values(compacted_to=seq))
        conn.commit()
    assert _told(_asked(chain, seen)) == {_head(chain)}


def test_a_client_of_the_first_version_tells_no_head(chain: Chain) -> None:
    """Nothing sent is nothing to refuse."""
    chain.do("amy", chain.create())
    assert _told(_asked(chain, "")) == {_head(chain)}


def test_a_head_that_is_none_is_bad_input(chain: Chain) -> None:
    """Nonsense gets a stable code."""
    for ask in _asked(chain, "nonsense"):
        with pytest.raises(GongdanError, match="bad_cursor"):
            ask()
