"""Settings: kept at once, forgiving about what somebody wrote into the file."""

from pathlib import Path

import msgspec
import pytest

from desktop.settings import FILE, Settings, SettingsFile


def test_settings_survive_a_restart(tmp_path: Path) -> None:
    """What was set is there the next time."""
    SettingsFile(tmp_path).change(server="https://example.com", scheme="dark")
    SettingsFile(tmp_path).remember("table.columns", [80, 200])
    again = SettingsFile(tmp_path)
    assert (again.current.server, again.current.scheme) == ("https://example.com", "dark")
    assert again.look("table.columns") == [80, 200]
    assert again.look("nothing", "default") == "default"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"language": 3, "looks": 7}'])
def test_a_broken_file_counts_as_never_set(tmp_path: Path, content: bytes) -> None:
    """The program starts with its defaults, and writes a whole file again."""
    (tmp_path / FILE).write_bytes(content)
    settings = SettingsFile(tmp_path)
    assert settings.current == Settings()
    settings.change(login="amy")
    assert SettingsFile(tmp_path).current.login == "amy"


def test_one_bad_value_costs_only_itself(tmp_path: Path) -> None:
    """The others stay as they were set."""
    (tmp_path / FILE).write_bytes(msgspec.json.encode({"language": "xx", "login": "amy", "unknown": 1}))
    settings = SettingsFile(tmp_path).current
    assert (settings.language, settings.login) == ("zh_CN", "amy")


def test_a_bad_value_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    """A window can't set what would not be read again."""
    settings = SettingsFile(tmp_path)
    with pytest.raises(msgspec.ValidationError):
        settings.change(scheme="pink")
    assert settings.current == Settings()


def test_listeners_hear_of_changes_until_they_leave(tmp_path: Path) -> None:
    """Looks that are remembered again as they were are no change."""
    settings = SettingsFile(tmp_path)
    heard: list[str] = []
    leave = settings.listen(lambda now: heard.append(now.login))
    settings.change(login="amy")
    settings.remember("key", 1)
    settings.remember("key", 1)
    leave()
    settings.change(login="ben")
    assert heard == ["amy", "amy"]
