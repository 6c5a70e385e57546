"""Settings from the environment and the command line."""

from pathlib import Path

import pytest

from domain.errors import InvalidInputError
from sync_server.settings import database_url, default_database, from_environment


def test_defaults_are_one_file_in_the_home(tmp_path: Path) -> None:
    """Nothing set but the home: SQLite in it."""
    settings = from_environment({"GONGDAN_SERVER_HOME": str(tmp_path)})
    assert settings.database_file == tmp_path / "server.sqlite3"
    assert settings.sqlite


def test_every_setting_of_the_documents_is_read(tmp_path: Path) -> None:
    """Each variable that docs/operations.md names has its effect."""
    text = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `GONGDAN_")]
    names = {part.strip("`, ") for row in rows for part in row.split("|")[1].split(",")}
    plain = from_environment({"GONGDAN_SERVER_HOME": str(tmp_path)})
    assert len(names) > 12
    for name in names:
        given = {"GONGDAN_SERVER_HOME": str(tmp_path), name: "77"}
        assert from_environment(given) != plain, name


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("postgres://a@b/c", "postgresql+psycopg://a@b/c"),
        ("postgresql://a@b/c", "postgresql+psycopg://a@b/c"),
        ("sqlite:////x/y", "sqlite:////x/y"),
    ],
)
def test_database_addresses_are_understood(text: str, url: str) -> None:
    """As people write them, and as the driver needs them."""
    assert database_url(text) == url


def test_file_path_is_a_database(tmp_path: Path) -> None:
    """A path needs no scheme; its folder becomes the home unless another is given."""
    settings = from_environment({"GONGDAN_SERVER_HOME": "/elsewhere"}).on(database=str(tmp_path / "x.db"))
    assert (settings.database_file, settings.folder) == (tmp_path / "x.db", tmp_path)
    other = from_environment({}).on(database=str(tmp_path / "x.db"), folder=tmp_path / "home")
    assert other.folder == tmp_path / "home"
    assert from_environment({}).on(folder=tmp_path).database == default_database(tmp_path)


@pytest.mark.parametrize(
    "given", [{"GONGDAN_PORT": "eighty"}, {"GONGDAN_DATABASE": "mysql://x"}, {"GONGDAN_POOL_SIZE": "1.5"}]
)
def test_setting_that_cannot_be_is_refused(given: dict[str, str]) -> None:
    """Never a guess, never a traceback."""
    with pytest.raises(InvalidInputError):
        from_environment(given)
