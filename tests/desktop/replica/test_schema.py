"""The replica's tables and their history."""

import re
import shutil
from pathlib import Path

import pytest

from desktop.replica import migrations, rows, schema, sql
from desktop.replica.engine import Replica
from desktop.replica.migrations import upgrade
from desktop.replica.tables import SEARCH, metadata, ticket
from tests.desktop.replica.station import KEY

_NEXT = '''"""The next revision, for the test."""

from alembic import op

revision = "{next}"
down_revision = "{now}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.get_bind().exec_driver_sql("CREATE TABLE extra (id TEXT PRIMARY KEY)")
'''


def _shape(replica: Replica) -> dict[str, str]:
    with replica.read() as conn:
        found = sql.rows(conn, "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {
        name: re.sub(r"\s*([(),])\s*", r"\1", re.sub(r"\s+", " ", text)).replace('"', "").strip()
        for name, text in found
        if name != "revision"
    }


def test_history_leads_to_the_tables_of_the_program(tmp_path: Path) -> None:
    """A replica made from the tables and one brought up through every revision are the same."""
    made = Replica(tmp_path / "made.db", KEY)
    grown = Replica(tmp_path / "grown.db", KEY)
    with grown.write() as conn:
        sql.run(conn, "DROP TABLE search")
        metadata.drop_all(conn)
        upgrade(conn, 0)
    assert _shape(grown) == _shape(made)
    for replica in (made, grown):
        with replica.read() as conn:
            assert schema.version(conn) == schema.VERSION
            assert sql.column(conn, "SELECT version_num FROM revision") == [schema.revision(schema.VERSION)]
            assert sql.column(conn, "SELECT v FROM search_config WHERE k = 'secure-delete'") == [1]
        replica.close()
    assert len(SEARCH) == 2


def test_upgrade_keeps_everything_and_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older replica is copied, brought up by the revisions it lacks, and opens with what it held."""
    path = tmp_path / "r.db"
    replica = Replica(path, KEY)
    with replica.write() as conn:
        sql.run(conn, "INSERT INTO draft VALUES ('d', 'note', 'half a sentence', 1)")
    replica.close()
    history = tmp_path / "history"
    shutil.copytree(migrations.FOLDER, history, ignore=shutil.ignore_patterns("__pycache__"))
    now, following = schema.VERSION, schema.VERSION + 1
    names = {"{now}": schema.revision(now), "{next}": schema.revision(following)}
    text = _NEXT.replace("{now}", names["{now}"]).replace("{next}", names["{next}"])
    (history / "versions" / f"v{following:04d}_next.py").write_text(text)
    monkeypatch.setattr(migrations, "FOLDER", history)
    monkeypatch.setattr(schema, "VERSION", following)
    replica = Replica(path, KEY)
    with replica.read() as conn:
        assert schema.version(conn) == following
        assert sql.value(conn, "SELECT body FROM draft") == "half a sentence"
        assert sql.value(conn, "SELECT count(*) FROM extra") == 0
    replica.close()
    monkeypatch.setattr(schema, "VERSION", now)
    copy = Replica(tmp_path / f"r.db.before-{following}-was-{now}", KEY)
    with copy.read() as conn:
        assert sql.value(conn, "SELECT body FROM draft") == "half a sentence"
    copy.close()


def test_ticket_columns_are_those_of_the_entity() -> None:
    """The table has each field of the entity, and beside them only what is named as local."""
    assert set(ticket.c.keys()) == {*rows.TICKET, *rows.LOCAL}
