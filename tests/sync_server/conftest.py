"""Every test of the server gets its own database, on SQLite and on PostgreSQL."""

from tests.postgres import database, postgres, sqlite_template, store

__all__ = ["database", "postgres", "sqlite_template", "store"]
