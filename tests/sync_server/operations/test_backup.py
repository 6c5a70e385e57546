"""A backup restores into either database, is verified by reading it back, and never passes damaged."""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from domain.errors import RefusedError
from domain.wire.commands import Reply
from sync_server.api.sealing import SECRET_FILE, server_secret
from sync_server.app import tools as opened
from sync_server.clock import SystemClock, SystemIds
from sync_server.operations import recovering
from sync_server.operations.backup import back_up, verified
from sync_server.operations.erasing import add_hold, erase
from sync_server.operations.restore import Restored, restore
from sync_server.operations.tools import Tools
from sync_server.store import dump
from sync_server.store import tables as t
from sync_server.store.soundness import feed_gap
from tests.sync_server.chain import Chain

PHONE = "13800138000"


@pytest.fixture
def chain(tools: Tools) -> Chain:
    """The chain with a ticket that has a history and a phone."""
    made = Chain(tools.store)
    ticket = made.create(personal={"phone": PHONE})
    made.do("amy", ticket, made.command("reply", Reply(body="您好 😀"), ticket=ticket.ticket_id))
    return made


@pytest.fixture
def file(chain: Chain, tools: Tools, tmp_path: Path) -> Path:
    """A backup of the chain."""
    return back_up(tools, tmp_path / "chain.gdbackup", verify=False)  # whoever restores it does that


@pytest.fixture
def elsewhere(tools: Tools, tmp_path: Path) -> Iterator[Tools]:
    """Tools over a SQLite file where the backup is restored."""
    settings = replace(
        tools.settings, folder=tmp_path / "other", database=f"sqlite:///{tmp_path / 'other' / 'o.sqlite3'}"
    )
    (tmp_path / "other").mkdir()
    with opened(settings) as made:
        made.store.close()
        (tmp_path / "other" / "o.sqlite3").unlink()
        yield made


def put_back(tools: Tools, file: Path, *, replace: str = "", passphrase: str = "") -> Restored:
    """Restore with the tools' settings."""
    now, ids = SystemClock().now(), SystemIds()
    return restore(tools.settings, file, at=now, ids=ids, replace=replace, passphrase=passphrase)


def _rows(tools: Tools, table: str) -> list[tuple[object, ...]]:
    with tools.store.read() as conn:
        made = t.metadata.tables[table]
        # Versions of grants are passed over by a restore.
        columns = [column for column in made.c if column.name != "grants_version"]
        return [tuple(row) for row in conn.execute(select(*columns).order_by(*made.primary_key))]


def test_a_backup_restores_into_sqlite_with_every_row(file: Path, tools: Tools, elsewhere: Tools) -> None:
    """From either database; the feed stays dense, its epoch is new."""
    put_back(elsewhere, file)
    for table in ("ticket", "entry", "personal", "verdict", "change", "org_unit", "person", "config"):
        assert _rows(elsewhere, table) == _rows(tools, table)
    with elsewhere.store.read() as conn:
        assert feed_gap(conn)["missing"] == 0
        assert conn.execute(select(t.feed_head.c.epoch)).scalar() != "epoch"


def test_a_backup_takes_the_place_of_what_happened_since(chain: Chain, file: Path, tools: Tools) -> None:
    """In one step, on either database; a recovery is open, and numbers are passed over."""
    late = chain.create()
    assert chain.do("amy", late)[0].number == "100002"
    tools.store.close()
    done = put_back(tools, file, replace="epoch")
    with tools.store.read() as conn:
        assert conn.execute(select(func.count()).select_from(t.ticket)).scalar() == 1
    assert done.next_number > 100_002
    assert recovering.standing(tools).recovery.state == "open"
    verdict = chain.do("amy", late)[0]
    assert (verdict.status, verdict.code) == ("retry", "recovering")
    recovering.close(tools)
    recovering.release(tools)


def test_the_same_backup_restored_twice_gives_no_number_twice(chain: Chain, file: Path, tools: Tools) -> None:
    """What was given after the first restore is passed over by the second."""
    tools.store.close()
    put_back(tools, file, replace="epoch")
    recovering.close(tools)
    given = [chain.do("amy", chain.create())[0].number for _ in range(3)][-1]
    assert given
    with tools.store.read() as conn:
        epoch = conn.execute(select(t.feed_head.c.epoch)).scalar_one()
    tools.store.close()
    assert put_back(tools, file, replace=epoch[:8]).next_number > int(given)


def test_nobody_is_told_twice_of_a_command_whose_verdict_was_lost(
    chain: Chain, file: Path, tools: Tools
) -> None:
    """Sent before a restore and again after it, it makes the same notices: replicas have them already."""
    routed, given = chain.create(channel="routed"), chain.create(assignee="ben")
    sent = (routed, given, chain.command("reply", Reply(body="收到"), ticket=given.ticket_id))
    for one in sent:
        chain.do("amy", one)
    before = {row[:4] for row in _rows(tools, "notice")}
    assert {(row[1], row[3]) for row in before} >= {("max", "assigned"), ("ben", "assigned")}
    tools.store.close()
    put_back(tools, file, replace="epoch")
    recovering.close(tools)
    assert {chain.do("amy", one)[0].status for one in sent} == {"applied"}
    assert {row[:4] for row in _rows(tools, "notice")} == before


def test_the_epoch_tells_above_which_seq_work_may_be_lost(file: Path, tools: Tools) -> None:
    """Over two restores, too; of an epoch nobody knows everything may be."""
    from sync_server.store.epochs import lost_above

    tools.store.close()
    head = put_back(tools, file, replace="epoch").head
    recovering.open_in_place(tools)
    with tools.store.read() as conn:
        assert lost_above(conn, "epoch") == head
        assert lost_above(conn, "nowhere") == 0


def test_what_was_erased_after_the_backup_is_erased_again(
    chain: Chain, file: Path, tools: Tools, tmp_path: Path
) -> None:
    """The ledger outlives the database in a file beside the secret; holds do, too."""
    erase(tools, values=[PHONE])
    hold = add_hold(tools, value="13911112222", reason="case 7")
    tools.store.close()
    assert put_back(tools, file, replace="epoch").erased == 1
    assert all(PHONE not in str(row) for row in _rows(tools, "personal"))
    assert [row[0] for row in _rows(tools, "legal_hold")] == [hold]


def test_the_secret_travels_only_under_its_passphrase(
    chain: Chain, tools: Tools, elsewhere: Tools, tmp_path: Path
) -> None:
    """Another passphrase is refused before anything is written."""
    secret = server_secret(tools.settings.folder)
    file = back_up(tools, tmp_path, passphrase="correct horse")
    assert secret not in file.read_bytes()
    with pytest.raises(RefusedError, match="wrong_passphrase"):
        put_back(elsewhere, file, passphrase="wrong")
    put_back(elsewhere, file, passphrase="correct horse")
    assert (elsewhere.settings.folder / SECRET_FILE).read_bytes() == secret


@pytest.mark.parametrize("how", ["cut", "changed", "missing"])
def test_a_damaged_backup_is_refused_and_changes_nothing(
    file: Path, tools: Tools, how: str, tmp_path: Path
) -> None:
    """Cut off, with another content under the same name, without a table."""
    bad = tmp_path / "bad.gdbackup"
    if how == "cut":
        bad.write_bytes(file.read_bytes()[:-200])
    else:
        with zipfile.ZipFile(file) as old, zipfile.ZipFile(bad, "w") as new:
            for name in old.namelist():
                if name.startswith("tables/entry"):
                    if how == "missing":
                        continue
                    name_of_other = "tables/ticket.jsonl.zst"
                    new.writestr(name, old.read(name_of_other))
                else:
                    new.writestr(name, old.read(name))
    before = _rows(tools, "ticket")
    tools.store.close()
    for attempt in (lambda: verified(bad), lambda: put_back(tools, bad, replace="epoch")):
        with pytest.raises(RefusedError, match=r"backup_(damaged|unreadable)"):
            attempt()
    assert _rows(tools, "ticket") == before


def test_nothing_is_replaced_while_somebody_serves_it(chain: Chain, file: Path, tools: Tools) -> None:
    """A SQLite file that is being served stays."""
    from sync_server.store.sole_server import SoleServer

    if tools.settings.database_file is None:
        pytest.skip("PostgreSQL is replaced in one transaction")
    sole = SoleServer(tools.settings.database_file)
    sole.take()
    try:
        with pytest.raises(RefusedError, match="already_served"):
            put_back(tools, file, replace="epoch")
    finally:
        sole.release()


def test_a_postgresql_in_use_is_not_replaced(chain: Chain, tools: Tools) -> None:
    """Whoever works on it first has to stop; nothing is lost by the attempt."""
    if tools.store.sqlite:
        pytest.skip("a SQLite file has its own lock")
    with tools.store.read() as reading:
        assert reading.execute(select(t.ticket.c.id)).first()
        with tools.store.write() as conn, pytest.raises(RefusedError, match="database_in_use"):
            dump.drop_all(conn, wait_s=1)
    assert _rows(tools, "ticket")
