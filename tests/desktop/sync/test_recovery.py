"""A server that is put back from an older backup gets its lost work back from the desktops (SYNC §6)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from desktop.commands.hand_over import take
from desktop.commands.write import reply
from desktop.replica import meta
from sync_server.app import build, open_store, tools
from sync_server.clock import SystemClock, SystemIds
from sync_server.operations import recovering
from sync_server.operations.backup import back_up
from sync_server.operations.restore import Restored, restore
from sync_server.store import tables as t
from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office, password
from tests.reader import ReplicaFile, audit

Make = Callable[..., Desktop]


def backed_up(office: Office, folder: Path) -> Path:
    """A backup, made and verified while the server serves."""
    with tools(office.settings) as made:
        return back_up(made, folder / "chain.gdbackup")


def put_back(office: Office, file: Path) -> Restored:
    """Stop the server, put a backup in the place of its database, serve again."""
    office.shut()
    with office.store.read() as conn:
        epoch = conn.execute(select(t.feed_head.c.epoch)).scalar_one()
    office.store.close()
    done = restore(office.settings, file, at=SystemClock().now(), ids=SystemIds(), replace=epoch[:8])
    office.store = open_store(office.settings)
    office.services = build(office.settings, office.store)
    office.open()
    return done


def close(office: Office) -> None:
    """The operator closes the window."""
    with tools(office.settings) as made:
        recovering.close(made)


def release(office: Office) -> recovering.Released:
    """The operator lets the jobs go on."""
    with tools(office.settings) as made:
        return recovering.release(made)


def again(desktop: Desktop) -> None:
    """The person goes on: signed in once more where the restored server does not know the device's tokens."""
    desktop.settle()
    if desktop.engine.paused:
        desktop.signed_on.transport.close()
        desktop.replica.close()
        desktop.sign_in(password(desktop.login))
    desktop.engine.try_now()
    desktop.settle()


def all_current(*desktops: Desktop) -> None:
    """Everybody exchanges until nothing moves any more."""
    for _ in range(3):
        for one in desktops:
            one.engine.try_now()
            one.settle()


def clean(office: Office, *desktops: Desktop) -> None:
    """The independent reader finds nothing lost, doubled, leaked or missing."""
    all_current(*desktops)
    files = []
    for one in desktops:
        with one.replica.read() as conn:
            assert meta.get(conn, "recovery") == ""
        files.append(ReplicaFile(one.replica.path, one.signed_on.key.hex(), person=one.login))
    found = audit(Path(str(office.settings.database_file)), files)
    assert found.clean(), found


def numbers(office: Office) -> dict[str, str]:
    """The official number of each ticket by its subject."""
    return {row.subject: row.number for row in office.rows(select(t.ticket.c.subject, t.ticket.c.number))}


def kept_and_backed_up(office: Office, folder: Path, first: Desktop, *others: Desktop) -> tuple[str, Path]:
    """A ticket that everybody holds, and a backup that has it."""
    all_current(first, *others)
    kept = first.create("kept")
    all_current(first, *others)
    return kept, backed_up(office, folder)


def test_an_older_backup_gets_the_work_of_three_desktops_back(
    office: Office, desktop: Make, tmp_path: Path
) -> None:
    """Nothing is lost, nothing doubled, every number is what it was; own work stays shown all the while."""
    amy, eva, max_ = (desktop(office.address, login) for login in ("amy", "eva", "max"))
    kept, file = kept_and_backed_up(office, tmp_path, amy, eva, max_)
    lost = amy.create("lost, of amy")
    all_current(amy, eva, max_)
    take(eva.runner, [lost])
    reply(eva.runner, lost, body="Eva answers on what was lost")
    other = max_.create("lost, of max", org="e2")
    reply(max_.runner, kept, body="Max answers on what was kept")
    all_current(amy, eva, max_)
    reply(amy.runner, kept, body="Amy has the last word")
    all_current(amy, eva, max_)
    before = numbers(office)
    done = put_back(office, file)
    assert set(numbers(office)) == {"kept"}
    for one in (amy, eva, max_):
        again(one)
        assert "lost, of amy" in one.subjects()
    assert max_.ticket(other)
    assert [entry.body for entry in amy.entries(kept)][-1] == "Amy has the last word"
    amy.create("written while the window is open")
    all_current(amy, eva, max_)
    assert set(numbers(office)) == {"kept"}
    close(office)
    clean(office, amy, eva, max_)
    after = numbers(office)
    fresh = after.pop("written while the window is open")
    assert after == before
    assert int(fresh) >= done.next_number
    assert [entry.body for entry in amy.entries(lost)][-1] == "Eva answers on what was lost"
    assert release(office).given_up == 0


def test_a_desktop_that_was_away_comes_back_after_the_window(
    office: Office, desktop: Make, tmp_path: Path
) -> None:
    """Its commands are judged when it comes, under their old ids, with the old number."""
    amy, eva = desktop(office.address, "amy"), desktop(office.address, "eva")
    all_current(amy, eva)
    file = backed_up(office, tmp_path)
    lost = amy.create("lost")
    all_current(amy, eva)
    reply(eva.runner, lost, body="an answer on it")
    all_current(amy, eva)
    before = numbers(office)
    put_back(office, file)
    again(eva)
    close(office)
    all_current(eva)
    # The answer waits for the ticket, which only amy can bring.
    assert numbers(office) == {}
    assert eva.ticket(lost) is not None
    again(amy)
    clean(office, amy, eva)
    assert numbers(office) == before


def test_two_restores_in_a_row_lose_nothing(office: Office, desktop: Make, tmp_path: Path) -> None:
    """The second one comes before the first one's work was given back."""
    amy, eva = desktop(office.address, "amy"), desktop(office.address, "eva")
    all_current(amy, eva)
    file = backed_up(office, tmp_path)
    for subject in ("one", "two"):
        amy.create(subject)
    all_current(amy, eva)
    before = numbers(office)
    put_back(office, file)
    again(amy)
    put_back(office, file)
    again(amy)
    again(eva)
    close(office)
    clean(office, amy, eva)
    assert numbers(office) == before


def test_a_restore_in_the_middle_of_the_first_sync(office: Office, desktop: Make, tmp_path: Path) -> None:
    """Who has nothing to give back just begins anew."""
    amy = desktop(office.address, "amy")
    amy.settle()
    for n in range(5):
        amy.create(f"kept {n}")
    amy.settle()
    file = backed_up(office, tmp_path)
    eva = desktop(office.address, "eva")
    for _ in range(3):
        eva.step()
    put_back(office, file)
    again(eva)
    again(amy)
    close(office)
    clean(office, amy, eva)
    assert eva.subjects() == [f"kept {n}" for n in range(5)]


def test_a_copied_replica_gives_back_each_command_once(office: Office, desktop: Make, tmp_path: Path) -> None:
    """Two machines hold the same journal: what both bring is applied once."""
    import shutil

    amy = desktop(office.address, "amy")
    amy.settle()
    file = backed_up(office, tmp_path)
    lost = amy.create("lost")
    amy.settle()
    reply(amy.runner, lost, body="once")
    amy.settle()
    amy.close()
    shutil.copytree(amy.home, tmp_path / "copy")
    amy.sign_in()
    twin = desktop(office.address, "amy", home="copy")
    before = numbers(office)
    put_back(office, file)
    again(amy)
    again(twin)
    close(office)
    clean(office, amy, twin)
    assert numbers(office) == before


def test_pushes_wait_while_the_window_is_open(office: Office, desktop: Make, tmp_path: Path) -> None:
    """What is written meanwhile stays in the outbox, is shown, and is applied after what was lost."""
    amy = desktop(office.address, "amy")
    amy.settle()
    kept = amy.create("kept")
    amy.settle()
    file = backed_up(office, tmp_path)
    reply(amy.runner, kept, body="first")
    amy.settle()
    put_back(office, file)
    again(amy)
    reply(amy.runner, kept, body="second")
    again(amy)
    assert "sent" in amy.states() or "pending" in amy.states()
    assert (amy.engine.connection, amy.engine.trouble) == ("online", "recovering")
    close(office)
    clean(office, amy)
    assert [entry.body for entry in amy.entries(kept) if entry.kind == "reply"] == ["first", "second"]
    assert amy.engine.trouble == ""


def test_a_silent_rollback_is_noticed_and_heals(office: Office, desktop: Make, tmp_path: Path) -> None:
    """A file put back without any restore: the desktops notice by the head and give back what is missing."""
    amy = desktop(office.address, "amy")
    amy.settle()
    amy.create("kept")
    amy.settle()
    file = Path(str(office.settings.database_file))
    office.shut()
    office.store.close()
    image = file.read_bytes()
    office.store = open_store(office.settings)
    office.services = build(office.settings, office.store)
    office.open()
    amy.create("lost")
    amy.settle()
    before = numbers(office)
    office.shut()
    office.store.close()
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    file.write_bytes(image)
    office.store = open_store(office.settings)
    office.services = build(office.settings, office.store)
    office.open()
    again(amy)
    clean(office, amy)
    assert numbers(office) == before


@pytest.mark.parametrize("words", ["", "nonsense"])
def test_a_database_is_not_replaced_without_its_name(office: Office, tmp_path: Path, words: str) -> None:
    """The refusal tells the words."""
    from domain.errors import RefusedError

    file = backed_up(office, tmp_path)
    with pytest.raises(RefusedError, match="target_not_empty") as refused:
        restore(office.settings, file, at=SystemClock().now(), ids=SystemIds(), replace=words)
    assert refused.value.args_by_name["words"] == "epoch"
