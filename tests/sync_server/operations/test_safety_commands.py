"""Safety on the command line: what an operator types, what is answered, with which exit status."""

import json
from pathlib import Path

import pytest

from sync_server.__main__ import main
from sync_server.app import open_store
from sync_server.settings import Settings, default_database
from sync_server.store import migrations
from tests.sync_server.chain import Chain

PHONE = "13800138000"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A server's home with the chain and one ticket in it."""
    monkeypatch.setenv("GONGDAN_SERVER_HOME", str(tmp_path))
    monkeypatch.setenv("GONGDAN_LANGUAGE", "en")
    store = open_store(Settings(folder=tmp_path, database=default_database(tmp_path)))
    migrations.upgrade(store.engine)
    chain = Chain(store)
    chain.do("amy", chain.create(personal={"phone": PHONE}))
    store.close()
    return tmp_path


def test_from_backup_to_release(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The walk of docs/operations.md, step by step."""
    file = home / "chain.gdbackup"
    assert main(["backup", str(file)]) == 0
    assert main(["backup", "verify", str(file)]) == 0
    assert "the backup is sound" in capsys.readouterr().out
    assert main(["restore", str(file)]) == 1
    assert "--replace epoch" in capsys.readouterr().err
    assert main(["restore", str(file), "--replace", "epoch"]) == 0
    assert "new tickets are numbered from" in capsys.readouterr().out
    assert list(home.glob("server.sqlite3.replaced-*"))
    assert main(["doctor"]) == 1
    assert "a recovery is unfinished" in capsys.readouterr().out
    assert main(["recovery", "release"]) == 1
    assert "run recovery close first" in capsys.readouterr().err
    assert main(["recovery", "status"]) == 0
    assert "the window is open" in capsys.readouterr().out
    assert main(["recovery", "close"]) == 0
    assert main(["recovery", "release"]) == 0
    capsys.readouterr()
    assert main(["recovery", "status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["recovery"]["state"] == "released"


def test_erasing_and_holding(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A dry run, a hold in the way, its end, the erasure."""
    assert main(["erase", "customer", "--phone", PHONE, "--dry-run"]) == 0
    assert main(["hold", "add", "--value", PHONE, "--reason", "case 7"]) == 0
    capsys.readouterr()
    assert main(["erase", "customer", "--phone", PHONE]) == 1
    assert "case 7" in capsys.readouterr().err
    assert main(["hold", "list"]) == 0
    hold = capsys.readouterr().out.split("\t")[0]
    assert main(["hold", "remove", hold]) == 0
    assert main(["erase", "customer", "--phone", PHONE]) == 0
    assert "erased: 1 personal value and 0 texts in 1 ticket," in capsys.readouterr().out
    assert PHONE.encode() not in (home / "erasures.jsonl").read_bytes()


def test_what_is_no_backup_is_said(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence, no traceback."""
    (home / "x").write_text("x")
    assert main(["backup", "verify", str(home / "x")]) == 1
    assert "is no whole backup" in capsys.readouterr().err
    assert main(["backup", "a", "b"]) == 1
    assert main(["recovery", "open"]) == 0
