"""The replica's history: alembic, loaded only where a file is older than the program."""

from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from desktop.replica import schema

FOLDER = Path(__file__).parent


def upgrade(conn: Connection, found: int) -> None:
    """Bring a replica of schema `found` (0: an empty file) to the program's, within the caller's transaction."""
    target = schema.VERSION
    config = Config()
    # A percent sign in the path would be read as a placeholder.
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)

    def steps(_revision: Any, _context: Any) -> Any:
        return script._upgrade_revs(schema.revision(target), schema.revision(found) if found else "base")

    with EnvironmentContext(config, script, fn=steps) as environment:
        environment.configure(
            connection=conn, transactional_ddl=False, as_sql=False, version_table="revision"
        )
        environment.run_migrations()
    schema.stamp(conn, target)
