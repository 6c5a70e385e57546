"""The database's history: one line of revisions that runs on SQLite and PostgreSQL alike."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from domain.errors import RefusedError
from sync_server.store.engine import trouble_told
from sync_server.store.tables import metadata


def _config(conn: Connection | None = None) -> Config:
    config = Config()
    # A percent sign in the path would be read as a placeholder.
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config


def newest() -> str:
    """The revision this program was built for."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def present(engine: Engine) -> str | None:
    """The revision the database is at; none for an empty one. UnavailableError where it can't be read."""
    with trouble_told(), engine.connect() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Bring the database to this program's revision; refused where it is newer. Returns before and after."""
    before = present(engine)
    refuse_newer(before)
    if before != newest():
        with engine.connect().execution_options(gongdan_write=True) as conn, conn.begin():
            command.upgrade(_config(conn), "head")
    return before, newest()


def upgrade_on(conn: Connection, revision: str = "head") -> None:
    """Bring a database to a revision inside the caller's transaction."""
    command.upgrade(_config(conn), revision)


def refuse_newer(revision: str | None) -> None:
    """Refuse (``database_newer``) a revision that this program doesn't know."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if revision is not None and revision not in known:
        raise RefusedError("database_newer", revision=revision, program=newest())


def require_present(engine: Engine) -> None:
    """Refuse a database that is newer (``database_newer``) or older (``database_older``) than this program."""
    revision = present(engine)
    refuse_newer(revision)
    if revision != newest():
        raise RefusedError("database_older", revision=revision or "", program=newest())


def differences(engine: Engine) -> list[Any]:
    """What keeps the database from being exactly the tables of this program."""
    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))
