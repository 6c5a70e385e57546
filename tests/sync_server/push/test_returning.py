"""What desktops give back after a restore is kept, then judged once, in its old order (SYNC §6)."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select, update
from structlog.testing import capture_logs

from domain.errors import InvalidInputError, RefusedError
from domain.wire.attachments import AttachmentRef
from domain.wire.commands import ChangeStatus, Command, Reply
from domain.wire.recovery import RecoverAnswer, RecoverRequest, Returned
from domain.wire.sync import Verdict
from sync_server.access.passwords import Passwords
from sync_server.jobs.sweep import Sweep
from sync_server.operations.recovering import accept
from sync_server.operations.tools import Tools
from sync_server.push.proofs import Proofs
from sync_server.push.returning import Returning
from sync_server.push.sender import Sender
from sync_server.settings import Settings
from sync_server.store import epochs, returned
from sync_server.store import tables as t
from sync_server.store.engine import Store
from tests.sync_server.chain import START, Chain

PROOFS = Proofs(b"the server's secret")


@pytest.fixture
def chain(store: Store) -> Chain:
    """The chain on a fresh database."""
    return Chain(store)


@pytest.fixture
def returning(chain: Chain) -> Returning:
    """What takes in and judges."""
    return Returning(chain.store, pusher=chain.pusher, clock=chain.clock, proofs=PROOFS)


def given(command: Command, seq: int, *, number: str | None = None, proven: bool = True) -> Returned:
    """A command with the verdict it once had."""
    verdict = Verdict(id=command.id, status="applied", seq=seq, rev=1, number=number)
    proof = PROOFS.sign(verdict, ticket=command.ticket_id) if proven else "00"
    return Returned(command=command, verdict=replace(verdict, proof=proof))


def give(returning: Returning, person: str, *commands: Returned, **more: Any) -> RecoverAnswer:
    """Give back as a person's device."""
    request = RecoverRequest(protocol=2, device=f"d-{person}", **{"epoch": "", "commands": commands, **more})
    return returning.take(Sender(person=person, device=f"d-{person}"), request)


def lose(chain: Chain) -> None:
    """Begin a new epoch, as a restore does."""
    with chain.store.write() as conn:
        epochs.open_epoch(conn, epoch="e2", at=START, since=START, reason="restored")
        conn.commit()


def move(chain: Chain, state: Any) -> None:
    """The operator goes on."""
    with chain.store.write() as conn:
        epochs.set_state(conn, state, at=START)
        conn.commit()


def numbers(chain: Chain) -> dict[str, str | None]:
    """The number of each ticket."""
    with chain.store.read() as conn:
        return {row.id: row.number for row in conn.execute(select(t.ticket.c.id, t.ticket.c.number))}


def bodies(chain: Chain, ticket: str) -> list[str]:
    """The replies of a ticket in feed order."""
    with chain.store.read() as conn:
        c = t.entry.c
        query = select(c.body).where(c.ticket == ticket, c.kind == "reply").order_by(c.rev, c.at, c.id)
        return list(conn.execute(query).scalars())


def test_nothing_is_judged_before_the_window_is_closed(chain: Chain, returning: Returning) -> None:
    """Then all of it is, by its old seq, whoever brought it first; a repeat changes nothing."""
    lose(chain)
    made = chain.create()
    early = chain.command("reply", Reply(body="early"), ticket=made.ticket_id)
    late = chain.command("reply", Reply(body="late"), ticket=made.ticket_id)
    for _ in range(2):
        answer = give(returning, "eva", given(late, 9))
        assert (answer.state, answer.verdicts) == ("open", ())
        give(returning, "amy", given(made, 5, number="100007"), given(early, 7))
    assert numbers(chain) == {}
    done = returning.judge()
    assert (done.settled, done.waiting) == (3, 0)
    assert numbers(chain) == {made.ticket_id: "100007"}
    assert bodies(chain, made.ticket_id) == ["early", "late"]
    assert returning.judge().settled == 0
    move(chain, "closed")
    told = give(returning, "amy", given(made, 5, number="100007")).verdicts
    assert [(one.status, one.duplicate, one.number) for one in told] == [("applied", True, "100007")]


def test_a_desktops_order_outlives_a_second_restore(chain: Chain, returning: Returning) -> None:
    """What was judged between two restores has a seq of the later past; what waited on still has its older one."""
    lose(chain)
    made = chain.create()
    first = chain.command("reply", Reply(body="first"), ticket=made.ticket_id)
    second = chain.command("reply", Reply(body="second"), ticket=made.ticket_id)
    third = chain.command("reply", Reply(body="third"), ticket=made.ticket_id)
    give(returning, "amy", given(made, 60, number="100007"), given(first, 61), given(second, 42))
    give(returning, "amy", given(third, 43))
    assert returning.judge().settled == 4
    assert bodies(chain, made.ticket_id) == ["first", "second", "third"]


def test_a_number_without_proof_is_not_given_back(chain: Chain, returning: Returning) -> None:
    """Nor one that was signed for another command; the work itself comes back all the same."""
    lose(chain)
    forged, borrowed = chain.create(), chain.create()
    other = given(chain.create(), 5, number="100009")
    stolen = Returned(command=borrowed, verdict=replace(other.verdict, id=borrowed.id))
    give(returning, "amy", given(forged, 5, number="100008", proven=False), stolen)
    returning.judge()
    assert not set(numbers(chain).values()) & {"100008", "100009"}
    assert len(numbers(chain)) == 2
    with chain.store.read() as conn:
        assert returned.counts(conn)["unproven_numbers"] == 2


def test_a_proven_number_that_another_ticket_has_by_now_stays_with_it(
    chain: Chain, returning: Returning
) -> None:
    """A silent rollback gave it out again: no number is ever on two tickets."""
    taken = chain.create()
    number = chain.do("amy", taken)[0].number
    late = chain.create()
    give(returning, "amy", given(late, 5, number=number))
    found = numbers(chain)
    assert found[taken.ticket_id] == number
    assert found[late.ticket_id] not in (None, number)


def test_of_two_tickets_that_had_one_number_in_two_pasts_the_first_keeps_it(
    chain: Chain, returning: Returning
) -> None:
    """After two silent goings back both come in one batch, both proven; it is judged all the same (story 3129462)."""
    lose(chain)
    first, second = chain.create(), chain.create()
    give(returning, "amy", given(first, 5, number="100007"), given(second, 6, number="100007"))
    assert returning.judge().settled == 2
    found = numbers(chain)
    assert found[first.ticket_id] == "100007"
    assert found[second.ticket_id] not in (None, "100007")
    with chain.store.read() as conn:
        told = [(row.code, row._mapping["count"]) for row in returned.summary(conn)]
    assert sorted(told) == [("", 1), ("number_taken", 1)]


def test_new_numbers_pass_over_every_number_that_is_proven(chain: Chain, returning: Returning) -> None:
    """However far the lost server had come."""
    lose(chain)
    give(returning, "amy", given(chain.create(), 5, number="900000"))
    move(chain, "closed")
    fresh = chain.do("amy", chain.create())[0].number
    assert fresh == "900001"


def test_a_command_waits_for_a_ticket_that_nobody_brought_yet(chain: Chain, returning: Returning) -> None:
    """It is judged when the ticket comes, and goes back to its author when the operator gives it up."""
    lose(chain)
    move(chain, "closed")
    made = chain.create()
    answer = chain.command("reply", Reply(body="waits"), ticket=made.ticket_id)
    orphan = chain.command("reply", Reply(body="for ever"), ticket="nowhere")
    assert give(returning, "eva", given(answer, 9), given(orphan, 10)).verdicts == ()
    give(returning, "amy", given(made, 5, number="100007"))
    assert bodies(chain, made.ticket_id) == ["waits"]
    assert returning.give_up() == 1
    told = give(returning, "eva", given(answer, 9), given(orphan, 10)).verdicts
    assert [(one.status, one.code) for one in told] == [("applied", ""), ("rejected", "dependency_lost")]


def test_a_dependency_that_nobody_knows_waits_and_is_given_up(chain: Chain, returning: Returning) -> None:
    """It doesn't go round for ever."""
    made = chain.create()
    chain.do("amy", made)
    lose(chain)
    stuck = chain.command("reply", Reply(body="x"), ticket=made.ticket_id, depends_on=("gone",))
    give(returning, "amy", given(stuck, 5))
    assert returning.judge().waiting == 1
    assert returning.give_up() == 1
    assert bodies(chain, made.ticket_id) == []


def test_each_is_judged_with_its_authors_rights(chain: Chain, returning: Returning) -> None:
    """Giving back opens no door: who may not see a ticket is refused as before."""
    made = chain.create("w1")
    chain.do("wes", made)
    lose(chain)
    intruder = chain.command("reply", Reply(body="not mine"), ticket=made.ticket_id)
    give(returning, "amy", given(intruder, 5))
    returning.judge()
    assert bodies(chain, made.ticket_id) == []
    with chain.store.read() as conn:
        row = conn.execute(select(t.returned_command)).one()
        assert (row.outcome, row.code, row.body) == ("rejected", "out_of_scope", "")


def test_only_its_own_person_is_told_of_a_verdict(chain: Chain, returning: Returning) -> None:
    """Another's command id tells nothing."""
    made = chain.create()
    chain.do("amy", made)
    told = give(returning, "ben", given(made, 1)).verdicts
    assert [(one.status, one.code) for one in told] == [("rejected", "id_reused")]


def test_pushes_are_put_off_while_the_window_is_open(chain: Chain) -> None:
    """Nothing is stored of them, and they go through unchanged afterwards."""
    lose(chain)
    made = chain.create()
    assert [(one.status, one.code) for one in chain.do("amy", made)] == [("retry", "recovering")]
    move(chain, "closed")
    assert chain.do("amy", made)[0].status == "applied"


def test_steps_that_the_lost_server_fired_are_not_fired_again(chain: Chain, returning: Returning) -> None:
    """While recovery is held nothing fires; then only what fell due after the last sign of life."""
    made = chain.create()
    chain.do("amy", made)
    lose(chain)
    with chain.store.write() as conn:
        c = t.sla_step.c
        steps = list(conn.execute(select(c.metric, c.cycle, c.step).order_by(c.due_at, c.step)))
        assert steps
        conn.execute(update(t.sla_step).values(due_at=START - 2_000))
        late = (c.metric == steps[0].metric) & (c.step == steps[0].step)
        conn.execute(update(t.sla_step).where(late).values(due_at=START))
        conn.execute(update(t.recovery).values(alive_until=START - 10_000, opened_at=START))
        conn.commit()
    sweep = Sweep(chain.pusher, configurations=chain.configurations, trees=chain.trees)
    give(returning, "amy", contact_at=START - 1_000)
    assert sweep.run() == 0
    with chain.store.write() as conn:
        assert epochs.take_as_fired(conn, epochs.recovery(conn).alive_until) == len(steps) - 1
        epochs.set_state(conn, "released", at=START)
        conn.commit()
    assert sweep.run() == 1


def test_a_ticket_that_nobody_created_again_is_kept_for_review(chain: Chain, returning: Returning) -> None:
    """One line for each desktop that holds it; one that is there again needs none."""
    made = chain.create()
    chain.do("amy", made)
    put = chain.whole("amy", made.ticket_id).put[0]
    foreign = replace(put, ticket=replace(put.ticket, id="lost", number="100077"))
    lose(chain)
    answer = give(returning, "amy", ask=(made.ticket_id, "lost"))
    assert answer.missing == ("lost",)
    for person in ("amy", "eva", "amy"):
        give(returning, person, rows=(put, foreign))
    with chain.store.read() as conn:
        rows = returned.rows_to_review(conn)
        assert [(row.ticket, row.number, row.device) for row in rows] == [
            ("lost", "100077", "d-amy"),
            ("lost", "100077", "d-eva"),
        ]


def test_a_device_of_another_past_is_refused(chain: Chain, returning: Returning) -> None:
    """A second restore in between is noticed here, too."""
    lose(chain)
    with pytest.raises(RefusedError, match="epoch_changed"):
        give(returning, "amy", seen="epoch.1.x")


def test_a_server_that_went_back_unnoticed_says_so_in_its_log(chain: Chain, returning: Returning) -> None:
    """A desktop of the present epoch lost its place, or of one that the server lost, too; not after a restore."""
    with capture_logs() as lines:
        for epoch in ("epoch", "its own later one"):
            give(returning, "amy", epoch=epoch)
        give(returning, "amy", epoch="?")
        give(returning, "amy")
    assert [line["event"] for line in lines] == ["went_back_silently"] * 2
    lose(chain)
    with capture_logs() as lines:
        give(returning, "amy", epoch="epoch")
    assert not lines


def test_a_status_is_moved_once(chain: Chain, returning: Returning) -> None:
    """What the backup has already is known by its id, and not done twice."""
    made = chain.create()
    done = chain.command("status", ChangeStatus(to="resolved"), ticket=made.ticket_id)
    chain.do("amy", made)
    chain.do("amy", done)
    lose(chain)
    give(returning, "amy", given(done, 3), given(made, 1))
    with chain.store.read() as conn:
        assert conn.execute(select(func.count()).select_from(t.returned_command)).scalar() == 0


def test_what_was_emptied_meanwhile_is_the_same_command(chain: Chain, returning: Returning) -> None:
    """A desktop empties its journal of what was erased, then asks again; of another ticket it asks in vain."""
    lose(chain)
    made = chain.create()
    edit = chain.command("reply", Reply(body="my number"), ticket=made.ticket_id)
    give(returning, "amy", given(made, 5), given(edit, 7))
    returning.judge()
    move(chain, "closed")
    emptied = replace(edit, set={**edit.set, "body": "█"})
    assert [one.status for one in give(returning, "amy", given(emptied, 7)).verdicts] == ["applied"]
    elsewhere = replace(edit, ticket_id="another")
    assert [one.code for one in give(returning, "amy", given(elsewhere, 7)).verdicts] == ["id_reused"]
    (pushed,) = chain.do("amy", emptied)
    assert pushed.code == "id_reused"


def test_a_reviewed_ticket_is_taken_in_and_its_commands_are_not_done_twice(
    chain: Chain, returning: Returning, tmp_path: Path
) -> None:
    """The operator accepts it as a desktop held it; who created it comes later, and is told that it is applied."""
    made = chain.create()
    file = AttachmentRef(hash="ab" * 32, name="till.txt", size=3)
    answer = chain.command("reply", Reply(body="once", attachments=(file,)), ticket=made.ticket_id)
    number = chain.do("amy", made, answer)[0].number
    held = chain.whole("eva", made.ticket_id).put[0]
    with chain.store.write() as conn:
        for table in (t.ticket, t.entry, t.personal, t.verdict, t.sla_step, t.sla_clock, t.blob_use):
            conn.execute(table.delete())
        conn.commit()
    lose(chain)
    give(returning, "eva", rows=(held,))
    settings = Settings(folder=tmp_path, database="sqlite://")
    made_tools = Tools(
        settings=settings,
        store=chain.store,
        clock=chain.clock,
        ids=chain.ids,
        trees=chain.trees,
        configurations=chain.configurations,
        passwords=Passwords(),
        pusher=chain.pusher,
    )
    assert accept(made_tools, [made.ticket_id]) == 1
    move(chain, "closed")
    told = give(returning, "amy", given(made, 5, number=number), given(answer, 6)).verdicts
    assert [(one.status, one.number) for one in told] == [("applied", number), ("applied", None)]
    assert bodies(chain, made.ticket_id) == ["once"]
    assert numbers(chain) == {made.ticket_id: number}
    with chain.store.read() as conn:
        assert conn.execute(select(func.count()).select_from(t.sla_clock)).scalar()
        # Else nobody could open the file, and it would be cleaned away as one that nothing refers to.
        assert list(conn.execute(select(t.blob_use.c.hash, t.blob_use.c.person))) == [(file.hash, "amy")]


def test_who_names_anothers_timeline_row_is_told_nothing(chain: Chain, returning: Returning) -> None:
    """Its id is no proof of having done it: neither the number nor the revision of the ticket is given away."""
    made = chain.create("e1")
    assert chain.do("amy", made)[0].number
    with chain.store.write() as conn:
        conn.execute(t.verdict.delete())
        conn.commit()
    (told,) = give(returning, "ben", given(made, 5)).verdicts
    assert (told.status, told.number, told.rev) == ("rejected", None, 0)


@pytest.mark.parametrize("harm", ["id", "ticket", "seq", "contact", "proof", "depends_on"])
def test_what_no_client_makes_is_refused_or_harmless(chain: Chain, returning: Returning, harm: str) -> None:
    """Nothing of it is kept, and nothing makes the server fail."""
    lose(chain)
    one = given(chain.create(), 5)
    bad = {
        "id": replace(one, command=replace(one.command, id="x" * 65)),
        "ticket": replace(one, command=replace(one.command, ticket_id="")),
        "depends_on": replace(one, command=replace(one.command, depends_on=("\n",))),
        "seq": replace(one, verdict=replace(one.verdict, seq=1 << 70)),
        "contact": one,
        "proof": replace(one, verdict=replace(one.verdict, proof="签名")),
    }[harm]
    if harm == "proof":
        assert give(returning, "amy", bad).verdicts == ()
        return
    with pytest.raises(InvalidInputError, match="bad_message"):
        give(returning, "amy", bad, contact_at=-1 if harm == "contact" else 0)
    with chain.store.read() as conn:
        assert conn.execute(select(func.count()).select_from(t.returned_command)).scalar() == 0
