"""Nothing outside the scope stays: not in tables, search index, outbox or log."""

from pathlib import Path

import pytest

from desktop.commands import hand_over, write
from desktop.replica import search, sql
from desktop.replica.queries import search as find
from domain.entities.people import INTERNAL, ORDINARY
from tests.desktop.replica.desk import Desk, handler
from tests.desktop.replica.station import Station

SECRET = "xylophone7731"


@pytest.fixture
def told(bob: Station, ann: Station) -> str:
    """A ticket of bob's at s1 that ann holds too, full of a word found nowhere else."""
    id = bob.create(SECRET, description=SECRET, personal={"phone": "13812347731", "address": SECRET})
    write.note(bob.runner, id, body=SECRET)
    bob.settle()
    ann.settle()
    return id


def _traces(station: Station) -> list[str]:
    """The tables, search index included, in which the secret still stands."""
    found = []
    with station.replica.write() as conn:
        sql.run(conn, "CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, search, 'row')")
        if sql.value(conn, "SELECT 1 FROM temp.terms WHERE term = ?", (SECRET,)):
            found.append("search terms")
        sql.run(conn, "DROP TABLE temp.terms")
        for table in sql.column(conn, "SELECT name FROM sqlite_master WHERE type = 'table'"):
            if table == "search":
                continue
            held = sql.rows(conn, f"SELECT * FROM {table}")
            found += [table for columns in held if any(SECRET in str(one) for one in columns)]
    return found


def test_lost_scope_leaves_no_trace(ann: Station, desk: Desk, told: str) -> None:
    """After a grant is taken back nothing of its tickets is left, and the log is empty."""
    assert _traces(ann)
    desk.grant("ann", handler("s3"))
    ann.pull()
    assert Path(f"{ann.replica.path}-wal").stat().st_size == 0
    assert told not in ann.shown()
    assert _traces(ann) == []
    with ann.replica.read() as conn:
        assert find.search(conn, SECRET) == []


def test_a_log_that_a_reader_needs_is_emptied_after_it(ann: Station, desk: Desk, told: str) -> None:
    """While something is read the purged rows stay in the log; the next write after it empties it."""
    log = Path(f"{ann.replica.path}-wal")
    with ann.replica.read() as conn:
        assert sql.value(conn, "SELECT count(*) FROM ticket")
        desk.grant("ann", handler("s3"))
        ann.pull()
        assert log.stat().st_size > 0
    with ann.replica.write() as conn:
        sql.run(conn, "UPDATE command SET doubt = doubt")
    assert log.stat().st_size == 0


def test_conflict_keeps_nothing_of_theirs(ann: Station, bob: Station, desk: Desk) -> None:
    """The verdict that told of a conflict keeps the person's own value alone once the ticket is out of sight."""
    id = bob.create("Milk")
    bob.settle()
    ann.settle()
    write.edit(ann.runner, [id], values={"subject": "mine"})
    write.edit(bob.runner, [id], values={"subject": SECRET})
    bob.settle()
    ann.settle()
    assert ann.all("SELECT kind FROM attention") == ["conflict"]
    assert "command" in _traces(ann)
    desk.grant("ann", handler("s3"))
    ann.pull()
    assert _traces(ann) == []
    assert ann.one("SELECT json_extract(verdict, '$.fields.subject.mine') FROM command") == "mine"


def test_refused_command_keeps_its_own_words_alone(ann: Station, desk: Desk, told: str) -> None:
    """What the person wrote stays to be copied; what was read for it goes with the ticket."""
    write.edit(ann.runner, [told], values={"subject": "mine"})
    with ann.replica.write() as conn:
        sql.run(conn, "UPDATE command SET state = 'attention'")
    assert "command" in _traces(ann)
    desk.grant("ann", handler("s3"))
    ann.pull()
    assert _traces(ann) == []
    assert "mine" in ann.one("SELECT body FROM command")


def test_a_refusal_that_comes_after_its_ticket_went_keeps_own_words_alone(
    ann: Station, desk: Desk, told: str
) -> None:
    """Sent in time, refused once the ticket was out of sight: nothing read there stays, in table or log."""
    write.edit(ann.runner, [told], values={"subject": "mine"})
    request = ann.request()
    assert request is not None
    desk.grant("ann", handler("s3"))
    ann.pull()
    assert "command" in _traces(ann), "until it is judged it may have to be sent again"
    ann.verdicts(request, desk.push("ann", request))
    assert ann.all("SELECT state FROM command") == ["attention"]
    assert _traces(ann) == []
    assert Path(f"{ann.replica.path}-wal").stat().st_size == 0
    assert "mine" in ann.one("SELECT body FROM command")


def test_ticket_that_leaves_is_purged(ann: Station, bob: Station, told: str) -> None:
    """A ticket transferred out of sight goes with its children; bob, who made it, keeps it."""
    from domain.wire.commands import TransferTicket

    hand_over.transfer(bob.runner, [told], to=TransferTicket(org="s2", note="theirs"))
    bob.settle()
    ann.settle()
    assert told not in ann.shown()
    assert _traces(ann) == []
    assert told in bob.shown()


def test_never_sent_commands_need_attention_at_once(ann: Station, desk: Desk, told: str) -> None:
    """What was written on a ticket that went out of sight is kept, without what was read there."""
    write.note(ann.runner, told, body="my own words")
    write.edit(ann.runner, [told], values={"subject": "mine"})
    desk.grant("ann", handler("s3"))
    ann.pull()
    assert ann.all("SELECT state FROM command ORDER BY num") == ["attention", "attention"]
    assert ann.all("SELECT kind FROM attention") == ["out_of_scope", "out_of_scope"]
    assert "my own words" in ann.one("SELECT group_concat(body) FROM command")
    assert _traces(ann) == []


def test_sent_commands_wait_for_their_verdict(ann: Station, desk: Desk, told: str) -> None:
    """Only a verdict moves what left; it was applied before the grant went."""
    write.note(ann.runner, told, body="sent in time")
    request = ann.request()
    assert request is not None
    answer = desk.push("ann", request)
    desk.grant("ann", handler("s3"))
    ann.pull()
    assert ann.all("SELECT state FROM command") == ["sent"]
    ann.verdicts(request, answer)
    ann.settle()
    assert ann.all("SELECT state FROM command") == ["done"]
    assert not ann.all("SELECT num FROM attention")


def test_lost_class_takes_its_rows_at_once(ann: Station, desk: Desk, told: str) -> None:
    """Internal notes and full numbers go with the class, before anything is fetched; what remains comes right."""
    desk.grant("ann", handler("s1", classes=ORDINARY))
    ann.pull()
    held = ann.shown()[told]
    assert {entry.field_class for entry in held.entries} == {"ordinary"}
    assert {value.field_class for value in held.personal} <= {"ordinary"}
    ann.settle()
    held = ann.shown()[told]
    assert held.access == ORDINARY
    assert {value.value for value in held.personal} == {"138****7731", "xyl****7731"}


def test_widened_class_is_fetched(ann: Station, desk: Desk, told: str) -> None:
    """A class that was granted again brings its rows again."""
    for classes in (ORDINARY, ORDINARY | INTERNAL):
        desk.grant("ann", handler("s1", classes=classes))
        ann.settle()
    assert "note" in {entry.kind for entry in ann.shown()[told].entries}


def test_removed_from_the_index_is_not_found(ann: Station, told: str) -> None:
    """Taking a ticket out of the index takes its words out."""
    with ann.replica.write() as conn:
        search.remove(conn, [told])
        assert find.search(conn, SECRET) == []
        search.index(conn, [told])
        assert [hit.id for hit in find.search(conn, SECRET)] == [told]
