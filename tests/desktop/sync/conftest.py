"""A server and desktops for the tests of sync."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A server in this process."""
    made = Office(tmp_path / "server")
    yield made
    made.close()


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Callable[..., Desktop]]:
    """Makes desktops that are closed with the test."""
    made: list[Desktop] = []

    def make(address: str, login: str, *, home: str = "") -> Desktop:
        made.append(Desktop(tmp_path / (home or f"home-{login}"), address, login))
        return made[-1]

    yield make
    for one in made:
        one.close()
