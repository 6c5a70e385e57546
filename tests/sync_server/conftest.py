"""Every test of the server gets its own database, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest
import structlog

from tests.postgres import database, durable, postgres, sqlite_template, store


@pytest.fixture(autouse=True)
def own_log_settings() -> Iterator[None]:
    """What a command sets up for the log ends with its test."""
    yield
    structlog.reset_defaults()


__all__ = ["database", "durable", "postgres", "sqlite_template", "store"]
