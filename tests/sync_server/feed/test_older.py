"""Old tickets are found by words the person may read, and by no others."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from domain.errors import InvalidInputError
from domain.wire.commands import ChangeMembers, Reply
from domain.wire.older import LONGEST_WORDS, MOST_WORDS, OlderAnswer, OlderRequest
from sync_server.feed import older
from sync_server.store import tables as t
from sync_server.store.engine import Store
from tests.sync_server.chain import START, Chain


@pytest.fixture
def chain(store: Store) -> Chain:
    """A small chain whose tickets were all closed long ago."""
    made = Chain(store)
    with store.write() as conn:
        conn.execute(update(t.feed_head).values(keep_since=START))
        conn.commit()
    return made


def _close(chain: Chain, at: int = START - 1) -> None:
    with chain.store.write() as conn:
        conn.execute(update(t.ticket).values(status="closed", closed_at=at))
        conn.commit()


def _found(chain: Chain, person: str, words: str, **values: object) -> OlderAnswer:
    request = OlderRequest(protocol=2, device=f"d-{person}", words=words, **values)  # type: ignore[arg-type]
    with chain.store.read() as conn:
        return older.find_older(conn, chain.viewer_in(conn, person), request)


def _ids(chain: Chain, person: str, words: str) -> list[str]:
    return [one.id for one in _found(chain, person, words).found]


def test_words_are_found_where_they_stand(chain: Chain) -> None:
    """Subject, number, answers, name and unit; every word has to stand somewhere, in any case and any order."""
    one = chain.create("e1", subject="Cold Soup", personal={"phone": "13900001111"})
    chain.do("max", one, chain.create("e2", subject="Cold tea"))
    chain.do("max", chain.command("reply", Reply(body="Sent back to 工厂"), ticket=one.ticket_id))
    _close(chain)
    number = _found(chain, "max", "soup").found[0].number
    for words in ("cold soup", "SOUP", number, "soup 工厂", "back soup", "soup e1", "13900001111"):
        assert _ids(chain, "max", words) == [one.ticket_id], words
    assert len(_ids(chain, "max", "cold")) == 2
    assert _ids(chain, "max", "soup tea") == []
    assert _ids(chain, "max", "so_p") == []
    assert _ids(chain, "max", "%") == []


def test_only_what_desktops_keep_no_longer_is_found(chain: Chain) -> None:
    """Open and lately closed tickets are on the desktop already."""
    chain.do("amy", chain.create("e1", subject="Cold soup"))
    assert _ids(chain, "amy", "soup") == []
    _close(chain, START)
    assert _ids(chain, "amy", "soup") == []
    _close(chain, START - 1)
    assert len(_ids(chain, "amy", "soup")) == 1


def test_nothing_out_of_sight_is_found(chain: Chain) -> None:
    """Neither tickets of other units, nor those seen by taking part through words of a class not shown."""
    one = chain.create("e1", subject="Cold soup", personal={"phone": "13900001111"}, cc=("wes",))
    chain.do("max", one)
    chain.do("max", chain.command("reply", Reply(body="our secret", internal=True), ticket=one.ticket_id))
    _close(chain)
    assert _ids(chain, "ben", "soup") == []
    assert _ids(chain, "wes", "soup") == [one.ticket_id]
    assert _ids(chain, "wes", "secret") == []
    assert _ids(chain, "wes", "13900001111") == []
    assert _ids(chain, "wes", "soup secret") == []
    assert _ids(chain, "amy", "secret 13900001111") == [one.ticket_id]
    chain.do("max", chain.command("cc", ChangeMembers(remove=("wes",)), ticket=one.ticket_id))
    _close(chain)
    assert _ids(chain, "wes", "soup") == []


def test_pages_follow_on_each_other(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newest first, each once, whatever the size of pages and blocks."""
    creates = [chain.create("e1", subject=f"Soup {number}") for number in range(12)]
    chain.do("max", *creates)
    chain.do(
        "max",
        *(
            chain.command("reply", Reply(body="hidden", internal=True), ticket=one.ticket_id)
            for one in creates[::2]
        ),
    )
    chain.do(
        "max", *(chain.command("cc", ChangeMembers(add=("wes",)), ticket=one.ticket_id) for one in creates)
    )
    _close(chain)
    monkeypatch.setattr(older, "BLOCK", 3)
    monkeypatch.setattr(older, "MOST_BLOCKS", 2)
    wanted = [one.ticket_id for one in reversed(creates)]
    for person, words, expected in (("max", "soup", wanted), ("wes", "hidden", [])):
        found, after = [], ""
        while True:
            page = _found(chain, person, words, after=after, limit=4)
            found += [one.id for one in page.found]
            after = page.next
            if not after:
                break
        assert found == expected


@given(st.text(max_size=250))
@settings(max_examples=200)
def test_words_are_taken_or_refused(text: str) -> None:
    """Nothing, too many, too long: refused with a code; else a few words in small letters."""
    asked = OlderRequest(protocol=2, device="", words=text)
    count = len(set(text.lower().split()))
    if 0 < count <= MOST_WORDS and len(text) <= LONGEST_WORDS:
        assert set(older.words_of(asked)) == set(text.lower().split())
        return
    with pytest.raises(InvalidInputError, match="search_words"):
        older.words_of(asked)
