"""A server and desktops for the tests of sync."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop.credentials import Cost
from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 at a small cost: these tests are about other things."""
    for name in ("WITH_SECRET", "PASSWORD_ALONE"):
        monkeypatch.setattr(f"desktop.credentials.{name}", Cost(memory_kib=64, passes=1))


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
