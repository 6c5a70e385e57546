"""What the demo's command line accepts, and what it says of the rest."""

from pathlib import Path

import pytest

from tests.demo.__main__ import main


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--stores", "nowhere.csv"], "there is no file nowhere.csv"),
        (["--map", "stores.name"], "write FILE.FIELD=COLUMN"),
        (["--map", "shops.name=店名"], "one of stores, tickets, calendar"),
    ],
)
def test_wrong_arguments(
    arguments: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is started for arguments that make no sense; the sentence says which."""
    with pytest.raises(SystemExit) as ended:
        main(["--headless", "--out", str(tmp_path), *arguments])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
