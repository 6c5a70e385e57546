"""Snapshots: what a replica takes from one is what the server would have sent row by row."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from msgspec import structs
from sqlalchemy import insert, update

from desktop.replica import cipher, heads, meta, sql
from desktop.replica.apply import apply_pull, apply_rows
from desktop.replica.backfill import following
from desktop.replica.engine import Replica
from desktop.replica.part import KeyedFile
from desktop.sync.snapshot import SnapshotTaker
from domain.entities.flow import FlowState, Token
from domain.errors import RefusedError, UnavailableError
from domain.rules.parts import ASKED, ASSIGNED, CREATED, HELD_UP
from domain.wire import codec
from domain.wire.commands import ChangeMembers, ChangeStatus, Command, EditTicket, Reply
from domain.wire.protocol import PROTOCOL
from domain.wire.snapshot import LAYOUT, SnapshotAnswer, SnapshotRequest
from domain.wire.sync import PullAnswer
from sync_server.feed import snapshot, snapshot_whole
from sync_server.feed.snapshot import Snapshots, offer
from sync_server.store import migrations
from sync_server.store import tables as t
from sync_server.store.engine import Store
from tests.desktop.replica.first_form import make_first
from tests.sync_server.chain import Chain

KEY = bytes(range(32))
TABLES = ("ticket", "entry", "personal")


class Served:
    """The server's snapshots for one person, below HTTP."""

    def __init__(self, chain: Chain, folder: Path, person: str = "max") -> None:
        self.chain, self.snapshots, self.person = chain, Snapshots(folder), person
        self.asked = 0

    def build(self, id: str = "one") -> None:
        """Make a snapshot of what is there now."""
        self.snapshots.build(self.chain.store, id)

    def snapshot(self, request: SnapshotRequest) -> SnapshotAnswer:
        """The offer to this person."""
        self.asked += 1
        with self.chain.store.read() as conn:
            answer = offer(conn, self.chain.viewer_in(conn, self.person), request, self.snapshots)
            return codec.decode(codec.encode(answer), SnapshotAnswer)

    def snapshot_part(self, id: str, number: int) -> bytes:
        """A part."""
        with self.chain.store.read() as conn:
            return self.snapshots.part(conn, id, number)


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A server of the small chain whose snapshots come in several parts and pieces."""
    monkeypatch.setattr(snapshot, "PART_TICKETS", 7)
    monkeypatch.setattr(snapshot_whole, "PIECE_PAGES", 3)
    store = Store(f"sqlite:///{tmp_path / 'server.sqlite3'}")
    migrations.upgrade(store.engine)
    yield Served(Chain(store), tmp_path / "server")
    store.close()


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    """An empty, encrypted replica."""
    made = Replica(tmp_path / "a.replica", KEY)
    yield made
    made.close()


def _begin(replica: Replica, chain: Chain, person: str = "max") -> PullAnswer:
    """The first contact: head and scope."""
    first = chain.pulled(person, "", scope_version="")
    with replica.write() as conn:
        meta.bind(conn, person=person, device=f"d-{person}", code="AAAA")
        apply_pull(conn, first)
        heads.take(conn, first.seen)
    return first


def _take(replica: Replica, served: Served) -> int:
    """Take a snapshot to its end; returns how many parts came."""
    taker, parts = SnapshotTaker(replica, served), 0
    while taker.wanted():
        changed, _ = taker.step()
        parts += bool(changed)
    return parts


def _settle(replica: Replica, chain: Chain, person: str = "max") -> None:
    """Everything else in the ordinary way: ranges, wanted tickets, the feed."""
    while True:
        with replica.write() as conn:
            filling, wanted = following(conn), sql.column(conn, "SELECT ticket FROM wanted")
            if wanted:
                apply_rows(conn, chain.whole(person, *wanted), None)
            elif filling is not None:
                page = chain.filled(person, filling.range, after=filling.after)
                apply_rows(conn, page, filling.range, after=filling.after)
            else:
                page_of_feed = chain.pulled(person, meta.cursor(conn))
                apply_pull(conn, page_of_feed)
                waits = sql.value(conn, "SELECT 1 FROM wanted LIMIT 1") is not None
                if not page_of_feed.more and not waits:
                    return


def _rows(replica: Replica) -> dict[str, list[sql.Row]]:
    """Every row of tickets, whether or not the search index holds it."""
    with replica.write() as conn:
        sql.run(conn, "UPDATE ticket SET indexed = 0")
    with replica.read() as conn:
        return {name: sql.rows(conn, f"SELECT * FROM {name} ORDER BY 1, 2") for name in TABLES}


def _row_by_row(chain: Chain, folder: Path, person: str = "max") -> dict[str, list[sql.Row]]:
    other = Replica(folder / "b.replica", KEY)
    _begin(other, chain, person)
    _settle(other, chain, person)
    found = _rows(other)
    other.close()
    return found


def _happenings(chain: Chain, dice: random.Random, count: int, tickets: list[str]) -> None:
    """Things that happen on the server, some of them to tickets that are there."""
    for _ in range(count):
        person, ticket = dice.choice(("max", "amy", "eva")), dice.choice(tickets) if tickets else None
        what: list[Command] = [
            chain.create(
                dice.choice(("e1", "e2", "w1")),
                personal={"phone": f"138{dice.randrange(10**8):08}"},
                subject=f"Till {dice.random()}",
            )
        ]
        if ticket is not None:
            what += [
                chain.command(
                    "reply", Reply(body=f"done {dice.random()}", internal=dice.random() < 0.5), ticket=ticket
                ),
                chain.command("edit", EditTicket(values={"subject": f"New {dice.random()}"}), ticket=ticket),
                chain.command("cc", ChangeMembers(add=("max", "ben")), ticket=ticket),
                chain.command("status", ChangeStatus(to="resolved"), ticket=ticket),
            ]
        command = dice.choice(what)
        if chain.do(person, command)[0].status == "applied" and command.kind == "create":
            tickets.append(command.ticket_id)


@pytest.mark.parametrize("seed", range(6))
def test_snapshot_with_what_followed_is_what_comes_row_by_row(
    served: Served, replica: Replica, tmp_path: Path, seed: int
) -> None:
    """Whatever happens before, between and after, the replica ends as one that was filled row by row."""
    dice, tickets = random.Random(seed), list[str]()
    _happenings(served.chain, dice, 40, tickets)
    served.build()
    _happenings(served.chain, dice, dice.randrange(15), tickets)
    _begin(replica, served.chain)
    taker = SnapshotTaker(replica, served)
    while taker.wanted():
        taker.step()
        _happenings(served.chain, dice, dice.randrange(3), tickets)
        if dice.random() < 0.4:
            with replica.write() as conn:
                apply_pull(conn, served.chain.pulled("max", meta.cursor(conn)))
    _settle(replica, served.chain)
    assert _rows(replica) == _row_by_row(served.chain, tmp_path)


def test_snapshot_comes_in_pieces_and_fills_every_range(served: Served, replica: Replica) -> None:
    """Nothing is left to be asked for row by row, and no file stays behind."""
    served.chain.do("max", *(served.chain.create("w1") for _ in range(15)))
    served.build()
    _begin(replica, served.chain)
    made = served.snapshots.find("", LAYOUT)
    assert made is not None
    assert _take(replica, served) == len(made.parts) > 2
    with replica.read() as conn:
        assert sql.value(conn, "SELECT count(*) FROM ticket") == 15
        left = following(conn)
    assert left is not None
    assert left.range.kind == "config"
    assert not list(replica.path.parent.glob("*-part*"))


def test_snapshot_goes_into_a_replica_of_the_first_form(served: Served, tmp_path: Path) -> None:
    """Attached, it is opened in its own form, as everywhere."""
    served.chain.do("max", *(served.chain.create("w1") for _ in range(15)))
    served.build()
    path = tmp_path / "old.replica"
    make_first(path, KEY)
    old = Replica(path, KEY)
    _begin(old, served.chain)
    assert _take(old, served) > 2
    _settle(old, served.chain)
    assert _rows(old) == _row_by_row(served.chain, tmp_path)
    old.close()
    assert cipher.form_of(path, KEY) == cipher.FIRST


def test_grants_that_go_take_what_had_come_with_them(served: Served, replica: Replica) -> None:
    """Nothing of a snapshot that is not wanted any more stays on the disk."""
    served.chain.do("max", *(served.chain.create("w1") for _ in range(15)))
    served.build()
    _begin(replica, served.chain)
    taker = SnapshotTaker(replica, served)
    taker.step()
    assert list(replica.path.parent.glob("*-part*"))
    with replica.write() as conn:
        sql.run(conn, "DELETE FROM backfill WHERE kind = 'unit'")
    taker.look()
    assert not list(replica.path.parent.glob("*-part*"))


def test_records_are_copied_without_looking_into_them(served: Served, replica: Replica) -> None:
    """What SQLite makes of the statements that take the tables in is the copying of whole records."""
    served.build()
    _begin(replica, served.chain)
    file = KeyedFile(replica.path.with_name("piece"))
    made = served.snapshots.find("", LAYOUT)
    assert made is not None
    for number in range(len(made.parts)):
        file.add(zstandard.ZstdDecompressor().decompress(served.snapshot_part(made.id, number)))
    file.finish()
    with replica.write_from(file) as conn:
        for table in TABLES:
            steps = sql.rows(conn, f"EXPLAIN INSERT INTO replica.{table} SELECT * FROM snap_{table}")
            assert "RowData" in {step[1] for step in steps}
    file.drop()


def test_ticket_with_commands_is_not_overwritten(served: Served, replica: Replica) -> None:
    """What the person wrote and has not sent stays as it is; the server's ticket is asked for whole."""
    tickets = [served.chain.create("w1") for _ in range(9)]
    served.chain.do("max", *tickets)
    served.build()
    _begin(replica, served.chain)
    with replica.write() as conn:
        sql.run(
            conn,
            "INSERT INTO command (id, ticket, kind, body, made_at, state) VALUES ('c', ?, 'reply', '{}', 1, 'pending')",
            (tickets[3].ticket_id,),
        )
    _take(replica, served)
    with replica.read() as conn:
        assert sql.value(conn, "SELECT count(*) FROM ticket") == 8
        assert sql.value(conn, "SELECT count(*) FROM entry WHERE ticket = ?", (tickets[3].ticket_id,)) == 0
        assert sql.column(conn, "SELECT ticket FROM wanted") == [tickets[3].ticket_id]


def test_what_a_flow_asks_of_a_person_comes_with_it(served: Served, replica: Replica, tmp_path: Path) -> None:
    """Approvals asked for, and tickets held up by one, are marked as they are when they come row by row."""
    made = [served.chain.create("w1") for _ in range(4)]
    served.chain.do("max", *made)
    waits = FlowState(tokens=(Token(node="n", approvers=("max", "eva"), asker="amy"),))
    with served.chain.store.write() as conn:
        for command, assignee in zip(made, ("max", "eva", None), strict=False):
            values = {"flow": codec.encode(waits).decode(), "assignee": assignee}
            conn.execute(update(t.ticket).where(t.ticket.c.id == command.ticket_id).values(**values))
        conn.commit()
    served.build()
    _begin(replica, served.chain)
    _take(replica, served)
    _settle(replica, served.chain)
    rows = _rows(replica)
    assert rows == _row_by_row(served.chain, tmp_path)
    with replica.read() as conn:
        found = sql.column(conn, "SELECT my FROM ticket ORDER BY my")
    assert found == [CREATED, CREATED | ASKED, CREATED | ASKED, CREATED | ASSIGNED | ASKED | HELD_UP]


def test_snapshot_that_fails_at_its_end_changes_nothing(
    served: Served, replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full at the last moment leaves what was there; the rest comes row by row."""
    served.chain.do("max", *(served.chain.create("w1") for _ in range(9)))
    served.build()
    _begin(replica, served.chain)
    with replica.write() as conn:
        filling = following(conn)
        assert filling is not None
        apply_rows(conn, served.chain.filled("max", filling.range, after=""), filling.range)
    before = _rows(replica)

    def full(_: object) -> None:
        raise UnavailableError("disk_full")

    with monkeypatch.context() as broken:
        broken.setattr("desktop.replica.backfill.fill_all", full)
        with pytest.raises(UnavailableError):
            _take(replica, served)
    assert _rows(replica) == before
    _settle(replica, served.chain)
    assert _rows(replica) == _row_by_row(served.chain, tmp_path)


def test_older_program_gets_parts_as_before(served: Served) -> None:
    """Who names no layout is offered parts that are databases of their own."""
    served.chain.do("max", *(served.chain.create("w1") for _ in range(9)))
    served.build()
    version = served.chain.viewer("max").scope_version
    asked = SnapshotRequest(protocol=PROTOCOL, device="d-max", scope_version=version)
    told = served.snapshot(asked)
    assert (told.layout, [one.tickets for one in told.parts]) == (0, [7, 2])
    alike = served.snapshot(structs.replace(asked, layout=LAYOUT))
    assert alike.layout == LAYOUT
    assert sum(one.tickets for one in alike.parts) == 9


def test_who_may_not_see_everything_is_offered_nothing(served: Served) -> None:
    """To a store and a region the server says nothing of a snapshot."""
    served.chain.do("max", served.chain.create("e1"))
    served.build()
    for person in ("amy", "eva", "wes", "ben"):
        version = served.chain.viewer(person).scope_version
        asked = SnapshotRequest(protocol=PROTOCOL, device=f"d-{person}", scope_version=version)
        told = Served(served.chain, served.snapshots._folder.parent, person).snapshot(asked)
        assert (told.id, told.parts, told.moved) == ("", (), ())


def test_replica_of_a_store_does_not_ask(served: Served, replica: Replica) -> None:
    """A desktop knows from its scope that no snapshot is for it."""
    _begin(replica, served.chain, "amy")
    assert _take(replica, Served(served.chain, replica.path.parent, "amy")) == 0
    assert served.asked == 0


def test_snapshot_of_which_too_much_moved_is_not_offered(
    served: Served, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past a number of moved tickets the server lets a desktop go row by row."""
    monkeypatch.setattr(snapshot, "MOST_MOVED", 2)
    served.chain.do("max", *(served.chain.create("w1") for _ in range(5)))
    served.build()
    served.chain.do("max", *(served.chain.create("w1") for _ in range(3)))
    _begin(replica, served.chain)
    assert _take(replica, served) == 0
    assert served.asked == 1


def test_snapshot_that_is_gone_leaves_the_rest_to_rows(
    served: Served, replica: Replica, tmp_path: Path
) -> None:
    """A snapshot dropped between two parts is given up, and everything comes all the same."""
    served.chain.do("max", *(served.chain.create("w1") for _ in range(15)))
    served.build()
    _begin(replica, served.chain)
    taker = SnapshotTaker(replica, served)
    taker.step()
    served.snapshots.forget()
    while taker.wanted():
        taker.step()
    _settle(replica, served.chain)
    assert _rows(replica) == _row_by_row(served.chain, tmp_path)


def test_two_snapshots_are_kept(served: Served) -> None:
    """The one before stays for those who are taking it; older ones go."""
    for id in ("one", "two", "three"):
        served.chain.do("max", served.chain.create("w1"))
        served.build(id)
    assert served.snapshot_part("two", 0)
    assert served.snapshot_part("three", 0)
    with pytest.raises(RefusedError):
        served.snapshot_part("one", 0)


def test_snapshot_from_before_an_erasure_is_neither_offered_nor_given(served: Served) -> None:
    """What was erased is in no snapshot: those made before it are dead at once, and gone with the next."""
    served.chain.do("max", served.chain.create("w1"))
    served.build("before")
    with served.chain.store.write() as conn:
        conn.execute(insert(t.erasure).values(id="x", at=1, actor="operator", reason="asked", tickets=1))
        conn.commit()
    version = served.chain.viewer("max").scope_version
    asked = SnapshotRequest(protocol=PROTOCOL, device="d-max", scope_version=version)
    assert not served.snapshot(asked).id
    with pytest.raises(RefusedError):
        served.snapshot_part("before", 0)
    served.build("after")
    assert served.snapshot(asked).id == "after"
    with pytest.raises(RefusedError):
        served.snapshot_part("before", 0)
