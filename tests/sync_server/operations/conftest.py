"""The operator's tools over a fresh database, empty or with the sample chain."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_server.app import tools as opened
from sync_server.operations.sample import fill
from sync_server.operations.tools import Tools
from sync_server.settings import Settings


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


@pytest.fixture
def sample(database: str, sqlite_sample: Path, tmp_path: Path) -> Iterator[Tools]:
    """Tools over the sample chain."""
    settings = Settings(folder=tmp_path, database=database, pool_size=4)
    if settings.database_file is not None:
        shutil.copyfile(sqlite_sample, settings.database_file)
    with opened(settings) as made:
        if not settings.sqlite:
            fill(made)
        yield made


@pytest.fixture
def quick_sample(sqlite_sample: Path, tmp_path: Path) -> Iterator[Tools]:
    """The sample chain on SQLite, for what never gets as far as the database."""
    file = tmp_path / "server.sqlite3"
    shutil.copyfile(sqlite_sample, file)
    with opened(Settings(folder=tmp_path, database=f"sqlite:///{file}")) as made:
        yield made
