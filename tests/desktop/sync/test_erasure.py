"""What is erased on the server leaves every desktop: rows, search index, journal and write-ahead log (SYNC §6)."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from desktop.commands.together import split
from desktop.commands.write import edit, reply
from desktop.replica import cipher, purge, sql
from desktop.replica.changed import Moves
from domain.errors import UnavailableError
from sync_server.app import tools
from sync_server.operations.erasing import erase
from sync_server.push import erased as late
from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office

Make = Callable[..., Desktop]
PHONE = "13800138000"
SPELLED = "138 0013 8000"


def erased(office: Office, *values: str) -> None:
    """The operator erases a customer."""
    with tools(office.settings) as made:
        erase(made, values=values)


def plain(desktop: Desktop, folder: Path) -> bytes:
    """The replica's rows and its search index, decrypted."""
    copy = folder / f"plain-{desktop.login}.db"
    copy.unlink(missing_ok=True)
    conn = sqlcipher.connect(str(desktop.replica.path))  # type: ignore[attr-defined]  # untyped
    cipher.unlock(conn, desktop.signed_on.key, cipher.PRESENT)
    conn.execute(f"ATTACH DATABASE '{copy}' AS plain KEY ''")
    conn.execute("SELECT sqlcipher_export('plain')")
    conn.close()
    return copy.read_bytes()


def log_size(desktop: Desktop) -> int:
    """How large the write-ahead log is."""
    return desktop.replica.path.with_name(desktop.replica.path.name + "-wal").stat().st_size


def test_a_phone_leaves_every_desktop_that_held_it(office: Office, desktop: Make, tmp_path: Path) -> None:
    """Its writer's journal too, in whatever spelling; nothing is found under it any more."""
    amy, eva = desktop(office.address, "amy"), desktop(office.address, "eva")
    amy.settle()
    ticket = amy.create(f"Call {SPELLED}", personal={"phone": PHONE})
    reply(amy.runner, ticket, body=f"I called {PHONE}")
    reply(amy.runner, ticket, body="Nobody there")
    amy.settle()
    eva.settle()
    assert PHONE.encode() in plain(amy, tmp_path)
    logs = [log_size(amy), log_size(eva)]
    erased(office, PHONE)
    for one, before in zip((amy, eva), logs, strict=True):
        one.settle()
        assert log_size(one) < before, "the log was not emptied"
        found = plain(one, tmp_path)
        assert PHONE.encode() not in found
        assert SPELLED.encode() not in found
        assert b"Nobody there" in found
        with one.replica.read() as conn:
            words = sql.column(conn, "SELECT rowid FROM search WHERE search MATCH '\"13800138000\"'")
        assert words == []


def test_a_phone_in_a_conflict_is_gone_from_its_verdict(
    office: Office, desktop: Make, tmp_path: Path
) -> None:
    """Whose value did not stand was told the one that did; the verdict forgets it with the row."""
    amy, eva = desktop(office.address, "amy"), desktop(office.address, "eva")
    amy.settle()
    ticket = amy.create("Till", personal={"phone": "13900139000"})
    amy.settle()
    eva.settle()
    edit(eva.runner, [ticket], values={"personal.phone": "13700137000"})
    edit(amy.runner, [ticket], values={"personal.phone": PHONE})
    amy.settle()
    eva.settle()
    with eva.replica.read() as conn:
        verdicts = "SELECT verdict FROM command WHERE kind = 'edit'"
        assert PHONE in sql.value(conn, verdicts)
    erased(office, PHONE)
    eva.settle()
    with eva.replica.read() as conn:
        assert PHONE not in sql.value(conn, verdicts)
    assert PHONE.encode() not in plain(eva, tmp_path)


def test_work_written_offline_before_an_erasure_brings_nothing_back(
    office: Office, desktop: Make, tmp_path: Path
) -> None:
    """The command is applied, its text is empty everywhere."""
    amy, eva = desktop(office.address, "amy"), desktop(office.address, "eva")
    amy.settle()
    ticket = amy.create("Till", personal={"phone": PHONE})
    amy.settle()
    eva.settle()
    reply(eva.runner, ticket, body=f"Reach them under {SPELLED}")
    _wait_past_late()
    erased(office, PHONE)
    for one in (eva, amy, eva):
        one.settle()
    for one in (amy, eva):
        assert SPELLED.encode() not in plain(one, tmp_path)
        assert [entry.erased for entry in one.entries(ticket) if entry.kind == "reply"] == [True]


def _wait_past_late() -> None:
    """Let the reply be older than what may be a new word of the customer."""
    import time

    from sync_server.push.erased import LATE_MS

    time.sleep(LATE_MS / 1000 + 0.2)


def test_what_unanswered_commands_had_read_goes_with_their_answer(
    office: Office, desktop: Make, tmp_path: Path
) -> None:
    """One was sent and may not change before its answer; one was not, and meets no conflict because of it."""
    amy = desktop(office.address, "amy")
    amy.settle()
    ticket = amy.create("Till", personal={"phone": PHONE})
    amy.settle()
    transport = amy.engine._exchange._transport
    push = transport.push

    def lost(request: object) -> object:
        raise UnavailableError("timeout")

    transport.push = lost  # type: ignore[method-assign, assignment]
    edit(amy.runner, [ticket], values={"personal.phone": "13900139000"})
    amy.settle()
    edit(amy.runner, [ticket], values={"personal.phone": "13900139001", "subject": "Mine"})
    assert amy.states() == ["done", "sent", "pending"]
    erased(office, PHONE)
    amy.engine.poke()
    while amy.step().did != "pulled":
        pass
    transport.push = push  # type: ignore[method-assign]
    amy.engine.try_now()
    amy.settle()
    assert set(amy.states()) <= {"done", "attention"}
    assert PHONE.encode() not in plain(amy, tmp_path)
    assert "Mine" in amy.subjects()


def test_a_phone_erased_and_replaced_before_a_desktop_hears_of_it_leaves_no_trace(
    office: Office, desktop: Make, tmp_path: Path
) -> None:
    """It hears of the new value alone; the old one goes from its index and its log all the same (story 1000642)."""
    amy, eva = desktop(office.address, "amy"), desktop(office.address, "eva")
    amy.settle()
    ticket = amy.create("Till", personal={"phone": PHONE})
    amy.settle()
    eva.settle()
    assert PHONE.encode() in plain(eva, tmp_path)
    before = log_size(eva)
    erased(office, PHONE)
    amy.settle()
    edit(amy.runner, [ticket], values={"personal.phone": "13900139000"})
    amy.settle()
    eva.settle()
    assert log_size(eva) < before, "the log was not emptied"
    found = plain(eva, tmp_path)
    assert PHONE.encode() not in found
    assert b"13900139000" in found


def _split_off(desktop: Desktop, ticket: str, subject: str = "Another matter") -> str:
    """Split the first reply of a ticket off; returns the new ticket's id."""
    entries = [entry.id for entry in desktop.entries(ticket) if entry.kind == "reply"]
    return next(iter(split(desktop.runner, ticket, entries=entries[:1], subject=subject).tickets))


def _count(desktop: Desktop, statement: str, id: str) -> int:
    """How many rows of a ticket there are."""
    with desktop.replica.read() as conn:
        return int(sql.value(conn, statement, (id,)))


def _with_a_reply(desktop: Desktop) -> str:
    """A ticket with a phone and a reply, known to the server."""
    desktop.settle()
    ticket = desktop.create("Till", personal={"phone": PHONE})
    reply(desktop.runner, ticket, body="Two things")
    desktop.settle()
    return ticket


def test_the_copy_in_a_split_goes_as_the_erasure_of_its_source_is_heard_of(
    office: Office, desktop: Make, tmp_path: Path
) -> None:
    """Nobody tells the new ticket: the server makes it without the phone (story 1002712)."""
    amy = desktop(office.address, "amy")
    ticket = _with_a_reply(amy)
    transport = amy.engine._exchange._transport
    push = transport.push

    def lost(request: object) -> object:
        raise UnavailableError("timeout")

    transport.push = lost  # type: ignore[method-assign, assignment]
    apart = _split_off(amy, ticket)
    twice_apart = _split_off(amy, apart)
    edit(amy.runner, [twice_apart], values={"personal.phone": "13900139000"})
    before = log_size(amy)
    erased(office, PHONE)
    amy.engine.poke()
    while amy.step().did != "pulled":
        pass
    with amy.replica.read() as conn:
        shown = sql.column(conn, "SELECT value FROM personal WHERE value IS NOT NULL")
        words = sql.column(conn, "SELECT rowid FROM search WHERE search MATCH '\"13800138000\"'")
    assert shown == ["13900139000"]
    assert words == []
    assert log_size(amy) < before, "the log was not emptied"
    transport.push = push  # type: ignore[method-assign]
    amy.engine.try_now()
    amy.settle()
    assert set(amy.states()) == {"done"}
    found = plain(amy, tmp_path)
    assert PHONE.encode() not in found
    assert b"13900139000" in found


@pytest.mark.parametrize("answered", [True, False])
def test_a_copy_whose_source_is_not_held_any_more_goes_with_the_answer_or_the_ticket(
    office: Office, desktop: Make, tmp_path: Path, answered: bool
) -> None:
    """Of the source's erasure this desktop never hears; whichever comes first empties the log."""
    amy, eva = desktop(office.address, "amy"), desktop(office.address, "eva")
    ticket = _with_a_reply(amy)
    eva.settle()
    apart = _split_off(eva, ticket)
    with eva.replica.write() as conn:
        purge.leave(conn, [ticket], Moves(), eva.clock.now())
    assert PHONE.encode() in plain(eva, tmp_path)
    erased(office, PHONE)
    transport = eva.engine._exchange._transport
    push = transport.push

    def unheard(request: object) -> object:
        push(request)  # type: ignore[arg-type]
        raise UnavailableError("timeout")

    if not answered:
        transport.push = unheard  # type: ignore[method-assign, assignment]
    copies = "SELECT count(*) FROM personal WHERE ticket = ?"
    eva.engine.poke()
    while _count(eva, copies, apart):
        eva.step()
    assert log_size(eva) == 0, "the log was not emptied"
    eva.settle()
    assert eva.ticket(apart) is not None
    assert PHONE.encode() not in plain(eva, tmp_path)


def test_a_phone_in_the_subject_of_a_split_is_gone_from_the_journal(
    office: Office, desktop: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Like that of any other new ticket."""
    monkeypatch.setattr(late, "LATE_MS", -1_000)
    amy = desktop(office.address, "amy")
    _split_off(amy, _with_a_reply(amy), f"Call {SPELLED}")
    erased(office, PHONE)
    amy.settle()
    assert len(amy.subjects()) == 2
    assert SPELLED.encode() not in plain(amy, tmp_path)


def test_a_phone_in_a_subject_or_field_of_before_is_gone_from_the_journal(
    office: Office, desktop: Make, tmp_path: Path
) -> None:
    """Also where both were edited since, and where nothing but a field of the form holds it."""
    amy = desktop(office.address, "amy")
    amy.settle()
    edited = amy.create(f"Call {SPELLED}", fields={"wish": f"a call at {SPELLED}"}, personal={"phone": PHONE})
    alone = amy.create("Till", fields={"wish": f"a call at {SPELLED}"})
    amy.settle()
    for values in ({"subject": f"Ask {SPELLED}", "fields.wish": "none"}, {"subject": "Nobody there"}):
        edit(amy.runner, [edited], values=values)
        amy.settle()
    assert SPELLED.encode() in plain(amy, tmp_path)
    erased(office, PHONE)
    amy.settle()
    found = plain(amy, tmp_path)
    assert SPELLED.encode() not in found
    assert PHONE.encode() not in found
    assert amy.subjects() == ["Nobody there", "Till"]
    shown = amy.ticket(alone)
    assert shown is not None
    assert str(shown.fields["wish"]).startswith("a call at ")
    assert amy.standing().attention == amy.standing().unsent == 0
