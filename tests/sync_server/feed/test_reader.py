"""What leaves the server for whom: puts, leaves, back-fill, classes of fields."""

import pytest
from sqlalchemy import update

from domain.errors import InvalidInputError, RefusedError
from domain.rules.decide_create import MAX_BODY
from domain.wire import codec
from domain.wire.commands import ChangeMembers, EditTicket, Reply, TransferTicket
from domain.wire.protocol import PAGE_BYTES
from domain.wire.sync import Range
from sync_server.store import tables as t
from sync_server.store.engine import Store
from tests.sync_server.chain import Chain


@pytest.fixture
def chain(store: Store) -> Chain:
    """A small chain on either database."""
    return Chain(store)


def _transfer(chain: Chain, ticket: str, org: str, base: str) -> None:
    intent = TransferTicket(org=org, note="theirs")
    verdict = chain.do("max", chain.command("transfer", intent, ticket=ticket, base={"org": base}))[0]
    assert verdict.status == "applied"


def test_people_get_what_their_grants_cover_and_nothing_else(chain: Chain) -> None:
    """A ticket goes to its store, its region and head office; not to the store next door."""
    create = chain.create("e1")
    chain.do("amy", create)
    holders = {p for p in ("amy", "ben", "eva", "wes", "max") if chain.pulled(p).put}
    assert holders == {"amy", "eva", "max"}
    assert not chain.pulled("ben").leave


def test_grant_for_one_line_covers_that_line_alone(chain: Chain) -> None:
    """A grant names a business line; tickets of other lines stay unseen."""
    chain.do("max", chain.create("w1", line="delivery"), chain.create("w1", line="retail"))
    assert [put.ticket.line for put in chain.pulled("wes").put] == ["retail"]


def test_delta_holds_only_rows_newer_than_its_since(chain: Chain) -> None:
    """After the first page a change brings the ticket's row and the new rows of its timeline."""
    create = chain.create("e1")
    chain.do("amy", create)
    cursor = chain.pulled("amy").to_cursor
    chain.do("eva", chain.command("reply", Reply(body="on it"), ticket=create.ticket_id))
    (put,) = chain.pulled("amy", cursor).put
    assert (put.since, put.ticket.rev) == (1, 2)
    assert [e.body for e in put.entries] == ["on it"]


def test_transfer_leaves_the_old_unit_and_is_whole_for_the_new(chain: Chain) -> None:
    """Old and new coordinates stand in one row: `leave` to those who lose sight, a whole put to those who gain."""
    create = chain.create("e1")
    chain.do("max", create)
    before = {p: chain.pulled(p).to_cursor for p in ("amy", "ben", "eva")}
    _transfer(chain, create.ticket_id, "e2", "e1")
    assert chain.pulled("amy", before["amy"]).leave == (create.ticket_id,)
    (gained,) = chain.pulled("ben", before["ben"]).put
    assert gained.since == 0
    (kept,) = chain.pulled("eva", before["eva"]).put
    assert kept.since == 1


def test_participant_is_told_when_they_join_and_when_they_leave(chain: Chain) -> None:
    """Someone in cc gets the ticket from outside its units, and loses it with the cc."""
    create = chain.create("w1")
    chain.do("max", create)
    cursor = chain.pulled("ben").to_cursor
    chain.do("max", chain.command("cc", ChangeMembers(add=("ben",)), ticket=create.ticket_id))
    page = chain.pulled("ben", cursor)
    assert [(p.ticket.id, p.since) for p in page.put] == [(create.ticket_id, 0)]
    chain.do("max", chain.command("cc", ChangeMembers(remove=("ben",)), ticket=create.ticket_id))
    assert chain.pulled("ben", page.to_cursor).leave == (create.ticket_id,)


def test_classes_of_fields_are_projected_before_they_leave(chain: Chain) -> None:
    """Without the sensitive class a phone is masked; without the internal class notes are not there."""
    create = chain.create("e2", personal={"phone": "13800002716"})
    note = chain.command("reply", Reply(body="secret", internal=True), ticket=create.ticket_id)
    chain.do("max", create, note, chain.command("cc", ChangeMembers(add=("wes",)), ticket=create.ticket_id))
    shown = {p: chain.pulled(p).put[0] for p in ("max", "ben", "wes")}
    phones = {p: (put.personal[0].value, put.personal[0].masked) for p, put in shown.items()}
    assert phones["max"] == ("13800002716", False)
    assert phones["ben"] == phones["wes"] == ("138****2716", True)
    assert {p for p, put in shown.items() if any(e.body == "secret" for e in put.entries)} == {"max", "ben"}


def test_internal_form_fields_stay_with_those_who_may_see_them(chain: Chain) -> None:
    """A form field of the internal class is not in the row that a mere participant gets, by any road."""
    create = chain.create("e2", fields={"wish": "refund", "guess": "thrown by the customer"})
    chain.do("max", create, chain.command("cc", ChangeMembers(add=("wes",)), ticket=create.ticket_id))
    for person, fields in (("ben", {"wish", "guess"}), ("wes", {"wish"})):
        roads = (
            chain.pulled(person),
            chain.filled(person, Range(kind="mine")),
            chain.whole(person, create.ticket_id),
        )
        seen = [set(put.ticket.fields) for road in roads for put in road.put]
        assert seen
        assert all(one == fields for one in seen)


def test_backfill_pages_are_complete_and_newest_first(chain: Chain) -> None:
    """Pages of a range joined end to end are the range, once each."""
    creates = [chain.create("e1" if n % 2 else "e2") for n in range(7)]
    chain.do("max", *creates)
    seen: list[str] = []
    after, done = "", False
    while not done:
        page = chain.filled("eva", Range(kind="unit", unit="east", deep=True), after=after, limit=3)
        seen += [put.ticket.id for put in page.put]
        after, done = page.next, page.done
    assert seen == sorted((c.ticket_id for c in creates), reverse=True)


def test_ranges_that_are_not_the_persons_say_only_that(chain: Chain) -> None:
    """A range of another store is not granted, and holds nothing."""
    chain.do("wes", chain.create("w1"))
    answer = chain.filled("amy", Range(kind="unit", unit="w1"))
    assert not answer.granted
    assert not answer.put


def test_pages_asked_for_under_another_scope_hold_nothing(chain: Chain) -> None:
    """A back-fill under an older scope brings the version that holds now, no rows, and does not end the range."""
    chain.do("wes", chain.create("w1"))
    answer = chain.filled("wes", Range(kind="unit", unit="w1", line="retail"), scope_version="0.0")
    assert (answer.scope_version, answer.put, answer.done) == ("1.1", (), False)


def test_tickets_out_of_sight_are_gone_like_those_that_never_were(chain: Chain) -> None:
    """Asking by id tells nothing of what one may not see."""
    create = chain.create("w1")
    chain.do("wes", create)
    answer = chain.whole("amy", create.ticket_id, "no-such-ticket")
    assert answer.gone == (create.ticket_id, "no-such-ticket")
    assert not answer.put


def test_other_scope_version_brings_the_scope_and_no_rows(chain: Chain) -> None:
    """A person whose grants changed is told so before anything else."""
    chain.do("amy", chain.create("e1"))
    with chain.store.write() as conn:
        conn.execute(update(t.person).where(t.person.c.id == "amy").values(grants_version=2))
        conn.commit()
    answer = chain.pulled("amy", scope_version="1.1")
    assert answer.scope is not None
    assert (answer.scope.version, answer.scope.grants[0].units) == ("2.1", ("e1",))
    assert not answer.put
    assert answer.to_cursor == answer.from_cursor


def test_scope_of_the_root_is_said_in_one_word(chain: Chain) -> None:
    """Head office is not told every unit it covers."""
    scope = chain.viewer("max").scope
    assert [(g.everything, g.units) for g in scope.grants] == [(True, ())]
    assert set(chain.viewer("eva").scope.grants[0].units) == {"east", "e1", "e2"}


@pytest.mark.parametrize("cursor", ["other.0.0", "epoch.99.00000000", "epoch.1.ffffffff"])
def test_cursor_of_another_history_is_noticed(chain: Chain, cursor: str) -> None:
    """A server that went back in time, or another server, is not read as if nothing had happened."""
    chain.do("amy", chain.create("e1"))
    with pytest.raises(RefusedError, match="epoch_changed"):
        chain.pulled("amy", cursor)


@pytest.mark.parametrize(
    "cursor", ["x", "epoch.-1.a", "epoch.1", "epoch.1.", "epoch.99999999999999999999.a", "..."]
)
def test_forged_cursor_is_refused(chain: Chain, cursor: str) -> None:
    """What is not a cursor is bad input, not an error of ours."""
    with pytest.raises(InvalidInputError, match="bad_cursor"):
        chain.pulled("amy", cursor)


def test_pages_bounded_by_rows_join_without_loss(chain: Chain) -> None:
    """Following a feed in small pages brings every ticket at its newest revision."""
    creates = [chain.create("e1") for _ in range(5)]
    chain.do("amy", *creates)
    for create in creates[:3]:
        edit = EditTicket(values={"subject": "Changed"})
        chain.do("amy", chain.command("edit", edit, ticket=create.ticket_id, base={"subject": "Till"}))
    revisions: dict[str, int] = {}
    page = chain.pulled("amy", limit=2)
    while True:
        for put in page.put:
            assert revisions.get(put.ticket.id, 0) >= put.since
            revisions[put.ticket.id] = put.ticket.rev
        if not page.more:
            break
        page = chain.pulled("amy", page.to_cursor, limit=2)
    assert sorted(revisions.values()) == [1, 1, 2, 2, 2]


def test_pages_are_bounded_by_their_bytes(chain: Chain) -> None:
    """However few tickets fill a mebibyte, a page is no longer; the following ones bring the rest."""
    creates = [chain.create("e1", description="长" * MAX_BODY) for _ in range(30)]
    for begin in range(0, len(creates), 5):
        chain.do("amy", *creates[begin : begin + 5])
    page, came, pages = chain.pulled("amy", limit=100), set[str](), 0
    while True:
        assert len(codec.encode(page.put)) <= PAGE_BYTES
        came |= {put.ticket.id for put in page.put}
        pages += 1
        if not page.more:
            break
        page = chain.pulled("amy", page.to_cursor, limit=100)
    assert came == {create.ticket_id for create in creates}
    assert pages > 1
