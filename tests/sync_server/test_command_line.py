"""The operator's commands as they are typed: sentences, statuses, and no traceback for a mistake."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import structlog

from sync_server.__main__ import main
from sync_server.app import configure_logs


class Console:
    """Runs commands on one SQLite file and keeps what they print."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._home, self._capsys = ["--home", str(folder)], capsys

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit status, output, errors."""
        status = main([*arguments, *self._home])
        said = self._capsys.readouterr()
        return status, said.out, said.err


@pytest.fixture
def console(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Console:
    """A console in English over a folder with nothing in it."""
    monkeypatch.setenv("GONGDAN_LANGUAGE", "en")
    for name in ("GONGDAN_DATABASE", "GONGDAN_SERVER_HOME"):
        monkeypatch.delenv(name, raising=False)
    return Console(tmp_path, capsys)


def test_server_is_set_up_by_typing(console: Console, tmp_path: Path) -> None:
    """From an empty folder to people and configuration."""
    assert "brought from version - to" in console.run("migrate")[1]
    assert "already" in console.run("migrate")[1]
    assert console.run("sample")[0] == 0
    status, listed, _ = console.run("user", "list")
    assert (status, len(listed.splitlines())) == (0, 18)
    assert console.run("config", "export", str(tmp_path / "files"))[0] == 0
    assert "0 rows" in console.run("config", "apply", str(tmp_path / "files"))[1]
    assert json.loads(console.run("doctor", "--json")[1])["feed"]["well"]


def test_devices_and_people_come_and_go(console: Console) -> None:
    """Each command says what it did, in a sentence."""
    console.run("sample")
    assert "0 devices" in console.run("user", "deactivate", "lina")[1]
    assert "lina" in console.run("user", "activate", "lina")[1]
    assert console.run("device", "list")[1].split() == ["id", "code", "login", "name", "seen", "state"]
    for arguments in (
        ["device", "stolen", "none"],
        ["device", "restore", "none"],
        ["device", "unlock", "none"],
        ["device", "unlock", "none", "--days", "40"],
    ):
        status, out, error = console.run(*arguments)
        assert (status, out, len(error.splitlines())) == (1, "", 1)
        assert "server.error" not in error


def test_mistakes_are_sentences(console: Console, tmp_path: Path) -> None:
    """Wrong names, paths and settings: one line on stderr and status 1."""
    console.run("sample")
    for arguments in (
        ["user", "password", "nobody", "--password", "long enough"],
        ["user", "grant", "lina", "--unit", "MOON", "--level", "see"],
        ["config", "apply", str(tmp_path / "nowhere")],
        ["import", "org", str(tmp_path / "nothing.csv")],
        ["import", "org", str(tmp_path / "nothing.csv"), "--map", "code"],
        ["device", "revoke", "none"],
        ["sample"],
        ["work"],
    ):
        status, _, error = console.run(*arguments)
        assert (status, len(error.splitlines())) == (1, 1), arguments
        assert error.startswith("gongdan-server: ")
        assert "server.error" not in error
        assert "{" not in error


def test_bad_rows_and_files_are_listed(console: Console, tmp_path: Path) -> None:
    """Each on a line with file, place and reason; as JSON for programs."""
    console.run("sample")
    (tmp_path / "stores.csv").write_text("code,name,lat\n1,One,\n2,Two,far\n", encoding="utf-8")
    status, out, error = console.run("import", "org", str(tmp_path / "stores.csv"))
    assert (status, "added: 1" in out) == (1, True)
    assert "stores.csv line 3 lat: “far” is no number" in error
    status, out, _ = console.run("import", "org", str(tmp_path / "stores.csv"), "--json", "--dry-run")
    found = json.loads(out)
    assert (status, found["counts"]["unchanged"]) == (1, 20)
    assert [(p["line"], p["column"], p["code"]) for p in found["problems"]] == [(3, "lat", "cell_not_number")]
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "lines.json").write_text('{"a": {"title": "x"}}', encoding="utf-8")
    status, _, error = console.run("config", "apply", str(tmp_path / "files"))
    assert status == 1
    assert error.splitlines()[0].startswith("lines.json:1:8: a: Object")


def test_sentences_are_chinese_where_the_console_is(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Chinese console is spoken to in Chinese."""
    monkeypatch.setenv("GONGDAN_LANGUAGE", "")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    console.run("sample")
    assert "没有设备" in console.run("device", "revoke", "none")[2]


def test_wrong_setting_is_named(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that can't be read is named, not guessed."""
    monkeypatch.setenv("GONGDAN_PORT", "eighty")
    status, _, error = console.run("user", "list")
    assert status == 1
    assert "GONGDAN_PORT" in error
    assert "eighty" in error


def test_a_port_that_is_none_is_told(console: Console) -> None:
    """A port out of range is answered with a sentence, not with a traceback."""
    status, _, said = console.run("serve", "--port", "99999")
    assert (status, "99999" in said, "Traceback" in said) == (3, True, False)


def test_a_fault_on_a_terminal_shows_no_values(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tracebacks in the log show code, never what variables held: that is what people wrote."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    configure_logs("info")
    written = "a customer's " + "words"
    try:
        raise ValueError
    except ValueError:
        structlog.get_logger("test").exception("fault")
    finally:
        structlog.reset_defaults()
    said = capsys.readouterr().err
    assert "fault" in said
    assert written not in said


def test_a_mistyped_folder_is_no_new_server(console: Console, tmp_path: Path) -> None:
    """What looks after a server refuses where there is none: an empty backup would pass for a sound one."""
    for command in (("doctor",), ("backup", str(tmp_path / "b"))):
        status, _, said = console.run(*command)
        assert (status, "no database" in said) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_looked_at_where_no_server_is(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another machine may verify a file; nothing is made there."""
    assert console.run("sample")[0] == 0
    assert console.run("backup", str(tmp_path / "b"))[0] == 0
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setattr(console, "_home", ["--home", str(elsewhere)])
    status, said, _ = console.run("backup", "verify", str(tmp_path / "b"))
    assert (status, "sound" in said, elsewhere.exists()) == (0, True, False)


def test_a_database_that_is_away_or_none_is_told_in_a_sentence(console: Console, tmp_path: Path) -> None:
    """No traceback at night: where the database is to be looked for, and what to do with a damaged one."""
    status, _, said = console.run("doctor", "--database", "postgresql://nobody@127.0.0.1:1/none")
    assert (status, "can't be reached" in said, "Traceback" in said) == (3, True, False)
    (tmp_path / "server.sqlite3").write_bytes(b"no database " * 100)
    status, _, said = console.run("doctor")
    assert (status, "damaged" in said) == (3, True)


def test_doctor_tells_of_a_damaged_file_and_reads_no_further(console: Console, tmp_path: Path) -> None:
    """A page of rubbish is named, instead of what stumbled over it; a backup of it is refused and leaves nothing."""
    assert console.run("sample", "--tickets")[0] == 0
    file = tmp_path / "server.sqlite3"
    with closing(sqlite3.connect(file)) as conn:
        conn.execute("PRAGMA journal_mode=DELETE")
        (page,) = conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'entry'").fetchone()
        (size,) = conn.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as raw:
        raw.seek((page - 1) * size + 8)
        raw.write(b"\xde\xad\xbe\xef" * 200)
    status, said, _ = console.run("doctor", "--json")
    told = json.loads(said)
    assert (status, set(told), told["file"]["well"]) == (1, {"file", "disk"}, False)
    status, _, refused = console.run("backup", str(tmp_path / "b"))
    assert (status, "damaged" in refused, (tmp_path / "b").exists()) == (3, True, False)
