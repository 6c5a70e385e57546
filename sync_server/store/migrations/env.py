"""Run by alembic for each command: the connection is handed in, there is no ini file."""

from alembic import context

from sync_server.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, compare_type=True, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
