"""A desk and desktops at it, closed after each test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.desktop.replica.desk import Desk, handler
from tests.desktop.replica.station import Station

Opener = Callable[[str], Station]


@pytest.fixture
def desk() -> Desk:
    """A desk at which ann handles store s1, bob the north, eve everything."""
    made = Desk()
    made.grant("ann", handler("s1"))
    made.grant("bob", handler("north"))
    made.grant("eve", handler("cn"))
    return made


@pytest.fixture
def opened(desk: Desk, tmp_path: Path) -> Iterator[Opener]:
    """Open a person's desktop, up to date with the desk."""
    stations: list[Station] = []

    def open_one(person: str) -> Station:
        station = Station(tmp_path, desk, person)
        stations.append(station)
        station.settle()
        return station

    yield open_one
    for station in stations:
        station.close()


@pytest.fixture
def ann(opened: Opener) -> Station:
    """Ann's desktop."""
    return opened("ann")


@pytest.fixture
def bob(opened: Opener) -> Station:
    """Bob's desktop."""
    return opened("bob")
