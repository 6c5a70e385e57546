"""The operator's tools over a fresh database, empty or with the sample chain."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_server.app import tools as opened
from sync_server.operations.sample import fill
from sync_server.operations.tools import Tools
from sync_server.settings import Settings
from tests.postgres import Postgres


@pytest.fixture
def tools(database: str, tmp_path: Path) -> Iterator[Tools]:
    """Tools over an empty database."""
    with opened(Settings(folder=tmp_path, database=database, pool_size=4)) as made:
        yield made


@pytest.fixture(scope="session")
def sqlite_sample(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the sample chain."""
    file = tmp_path_factory.mktemp("sample") / "server.sqlite3"
    shutil.copyfile(sqlite_template, file)
    with opened(Settings(folder=file.parent, database=f"sqlite:///{file}")) as made:
        fill(made)
    return file


@pytest.fixture(scope="session")
def postgres_sample(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database with the sample chain, for others to be made like it."""
    url = postgres.new()
    with opened(Settings(folder=tmp_path_factory.mktemp("sample"), database=url)) as made:
        fill(made)
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def sample(request: pytest.FixtureRequest, sqlite_sample: Path, tmp_path: Path) -> Iterator[Tools]:
    """Tools over the sample chain, on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        shutil.copyfile(sqlite_sample, tmp_path / "server.sqlite3")
        with opened(Settings(folder=tmp_path, database=f"sqlite:///{tmp_path / 'server.sqlite3'}")) as made:
            yield made
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.new(like=request.getfixturevalue("postgres_sample"))
    with opened(Settings(folder=tmp_path, database=url, pool_size=4)) as made:
        yield made
    server.drop(url)


@pytest.fixture
def quick_sample(sqlite_sample: Path, tmp_path: Path) -> Iterator[Tools]:
    """The sample chain on SQLite, for what never gets as far as the database."""
    file = tmp_path / "server.sqlite3"
    shutil.copyfile(sqlite_sample, file)
    with opened(Settings(folder=tmp_path, database=f"sqlite:///{file}")) as made:
        yield made
