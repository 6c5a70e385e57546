"""Search finds any word of a ticket, in Chinese and out of it, newest first."""

import msgspec
import pytest
import sqlcipher3.dbapi2 as driver
from hypothesis import given
from hypothesis import strategies as st

from desktop.commands import write
from desktop.replica import config_rows, search
from desktop.replica.changed import Moves
from desktop.replica.queries.search import search as find
from desktop.replica.queries.tickets import worklist_ids
from domain.entities.org import OrgUnit
from domain.wire import codec
from domain.wire.sync import ConfigRow, PushAnswer, Verdict
from tests.desktop.replica.station import Station


def _found(station: Station, text: str) -> list[str]:
    with station.replica.read() as conn:
        return [hit.id for hit in find(conn, text)]


@pytest.fixture
def ticket(ann: Station) -> str:
    """A ticket with words of every kind."""
    id = ann.create(
        "草莓礼盒开箱发霉",
        description="要求全额退款并赔付",
        personal={"name": "陈女士", "phone": "138 1234-2716"},
    )
    write.note(ann.runner, id, body="POS terminal X200 broken")
    return id


@pytest.mark.parametrize(
    "text",
    ["发霉", "莓", "退款并", "陈女士", "13812342716", "2716", "x200", "termin", "发霉 退款", "0001", "K7Q2"],
)
def test_every_word_finds(ann: Station, ticket: str, text: str) -> None:
    """Subject, timeline, customer, phone and its end, provisional number, beginnings of words."""
    assert _found(ann, text) == [ticket]


def test_a_number_is_found_as_it_is_told(ann: Station, ticket: str) -> None:
    """The official one at once, though no page came yet; the provisional one then and for ever."""
    assert ann.push()
    assert _found(ann, "100001") == _found(ann, "K7Q2") == [ticket]
    ann.settle()
    assert _found(ann, "100001") == _found(ann, "K7Q2") == [ticket]


def test_refused_words_are_found_no_more(ann: Station, ticket: str) -> None:
    """What the server did not take stands in needs attention, not in the ticket, and finds nothing."""
    ann.settle()
    write.note(ann.runner, ticket, body="never taken zebra")
    request = ann.request()
    assert request is not None
    refused = Verdict(id=request.commands[0].id, status="rejected", code="not_allowed")
    ann.verdicts(request, PushAnswer(verdicts=(refused,), head=ann.desk.cursor(), server_time=1))
    assert (_found(ann, "zebra"), _found(ann, "发霉")) == ([], [ticket])


@pytest.mark.parametrize(
    "text", ["霉发", "草款", "1381234", "", "   ", '"', "*", "NOT", "a OR b", "发霉 收银"]
)
def test_what_is_not_there_is_not_found(ann: Station, ticket: str, text: str) -> None:
    """Order counts, every part counts, and nothing typed is taken for an operator."""
    expected = [ticket] if text == "1381234" else []
    assert _found(ann, text) == expected


@given(text=st.text(max_size=20))
def test_anything_may_be_typed(text: str) -> None:
    """The query built of it is always one that the index takes."""
    built = search.phrase(text)
    if built:
        connection = driver.connect(":memory:")  # type: ignore[attr-defined]  # untyped
        connection.execute(
            "CREATE VIRTUAL TABLE s USING fts5(words, tokenize='unicode61 remove_diacritics 0')"
        )
        connection.execute("SELECT * FROM s WHERE s MATCH ?", (built,)).fetchall()
        connection.close()


def test_newest_come_first(ann: Station) -> None:
    """By the moment they were created."""
    ids = []
    for _ in range(3):
        ann.clock.at += 1_000
        ids.append(ann.create("牛奶临期"))
    assert _found(ann, "牛奶") == ids[::-1]


def test_store_is_found_by_name_and_initials(ann: Station, ticket: str) -> None:
    """The new name of a store is found once idle slices have indexed its tickets again."""
    unit = OrgUnit(id="s1", parent="north", name="国贸店")
    row = ConfigRow(kind="unit", id="s1", version=2, body=msgspec.Raw(codec.encode(unit)))
    with ann.replica.write() as conn:
        config_rows.take(conn, [row], Moves())
    assert _found(ann, "国贸") == []
    with ann.replica.write() as conn:
        while search.index_slice(conn, 10):
            pass
    assert _found(ann, "国贸") == _found(ann, "gmd") == [ticket]


def test_many_of_one_instant_are_all_indexed(ann: Station) -> None:
    """Tickets made in the same millisecond have rows of their own in the index."""
    ids = [ann.create("收银机") for _ in range(5)]
    assert sorted(_found(ann, "收银机")) == sorted(ids)


def test_worklist_is_narrowed_by_search(ann: Station, ticket: str) -> None:
    """The search box narrows the list at hand."""
    ann.create("something else")
    with ann.replica.read() as conn:
        assert worklist_ids(conn, "created", "ann", 0, search="发霉") == [ticket]
        assert worklist_ids(conn, "created", "ann", 0, search="?") == []
