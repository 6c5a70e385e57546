"""The server over HTTP, on either database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_server.store.engine import Store
from tests.sync_server.api.house import House, opened


@pytest.fixture
def house(store: Store, tmp_path: Path) -> Iterator[House]:
    """A server over the small chain."""
    with opened(store, tmp_path) as made:
        yield made
