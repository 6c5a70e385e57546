"""The replica's key: wrapped, never plain, opened by the right person only."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from desktop.credentials import (
    KEY_FILE,
    MOST_SECRET_BYTES,
    Cost,
    Keyring,
    KeyVault,
    Wrapped,
    system_keyring,
    trusted,
)
from domain.errors import RefusedError

IN_KEYRING_SESSION = "GONGDAN_TEST_KEYRING"
ROOT = Path(__file__).parents[2]


class Shelf:
    """Secrets in memory, as a keyring would keep them."""

    def __init__(self, *, locked: bool = False) -> None:
        self.secrets: dict[str, str] = {}
        self.locked = locked

    def get(self, name: str) -> str | None:
        """The secret of that name."""
        return None if self.locked else self.secrets.get(name)

    def put(self, name: str, secret: str) -> bool:
        """Keep a secret."""
        if not self.locked:
            self.secrets[name] = secret
        return not self.locked

    def delete(self, name: str) -> None:
        """Forget a secret."""
        self.secrets.pop(name, None)


class Clock:
    """A clock that moves when told to."""

    at = 1_795_000_000_000

    def now(self) -> int:
        """The moment."""
        return self.at

    def monotonic(self) -> int:
        """Runs with the wall."""
        return self.at


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 at a small cost, so that many attempts can be made."""
    for name in ("WITH_SECRET", "PASSWORD_ALONE"):
        monkeypatch.setattr(f"desktop.credentials.{name}", Cost(memory_kib=64, passes=1))


def vault(folder: Path, keyring: Shelf | Keyring | None = None, clock: Clock | None = None) -> KeyVault:
    """A vault in a folder."""
    return KeyVault(folder, keyring, clock or Clock())


def test_the_right_password_opens_and_a_wrong_one_does_not(tmp_path: Path) -> None:
    """The key comes back for its password, with a keyring and without."""
    for name, keyring in (("with", Shelf()), ("without", None)):
        one = vault(tmp_path / name, keyring)
        key = one.create("correct horse")
        assert len(key) == 32
        assert vault(tmp_path / name, keyring).open("correct horse") == key
        with pytest.raises(RefusedError, match="wrong_password"):
            one.open("battery staple")


def test_the_key_stands_nowhere_in_plain(tmp_path: Path) -> None:
    """Neither the files nor the keyring hold the key or the password."""
    keyring = Shelf()
    key = vault(tmp_path, keyring).create("correct horse")
    texts = [file.read_bytes() for file in tmp_path.iterdir()] + [
        s.encode() for s in keyring.secrets.values()
    ]
    for text in texts:
        assert key not in text
        assert key.hex().encode() not in text
        assert b"correct horse" not in text


def test_the_password_alone_is_not_enough_where_there_is_a_keyring(tmp_path: Path) -> None:
    """Who copies the folder to another machine lacks the keyring's secret."""
    vault(tmp_path, Shelf()).create("correct horse")
    for keyring in (None, Shelf(), Shelf(locked=True)):
        with pytest.raises(RefusedError, match="keyring_secret_missing"):
            vault(tmp_path, keyring).open("correct horse")


def test_colleagues_on_one_login_cannot_open_each_other(tmp_path: Path) -> None:
    """One keyring, two folders: each needs its own person's password, and files can't be swapped."""
    keyring = Shelf()
    amy, ben = vault(tmp_path / "amy", keyring), vault(tmp_path / "ben", keyring)
    key = amy.create("amy's own")
    ben.create("ben's own")
    with pytest.raises(RefusedError, match="wrong_password"):
        amy.open("ben's own")
    shutil.copy(tmp_path / "amy" / KEY_FILE, tmp_path / "ben" / KEY_FILE)
    with pytest.raises(RefusedError, match="wrong_password"):
        ben.open("amy's own")
    assert amy.open("amy's own") == key


def test_without_a_keyring_the_password_costs_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What alone protects the key is made harder to guess, and says so in its file."""
    monkeypatch.setattr("desktop.credentials.PASSWORD_ALONE", Cost(memory_kib=256, passes=2))
    vault(tmp_path / "a", Shelf()).create("correct horse")
    vault(tmp_path / "b").create("correct horse")
    with_secret, alone = (
        msgspec.json.decode((tmp_path / name / KEY_FILE).read_bytes(), type=Wrapped) for name in "ab"
    )
    assert with_secret.with_secret
    assert not alone.with_secret
    assert alone.cost.memory_kib > with_secret.cost.memory_kib


def test_a_keyring_that_takes_nothing_counts_as_none(tmp_path: Path) -> None:
    """A locked keyring does not make a key that nobody can open."""
    key = vault(tmp_path, Shelf(locked=True)).create("correct horse")
    assert vault(tmp_path).open("correct horse") == key


def test_wrong_passwords_lock_for_longer_and_longer(tmp_path: Path) -> None:
    """Three are free; then each costs a growing delay, which a restart does not shorten and time lifts."""
    clock = Clock()
    key = vault(tmp_path).create("correct horse")
    for _ in range(2):
        with pytest.raises(RefusedError, match="wrong_password"):
            vault(tmp_path, clock=clock).open("no")
    delays = []
    for _ in range(4):
        with pytest.raises(RefusedError, match="locked_out") as caught:
            vault(tmp_path, clock=clock).open("no")
        with pytest.raises(RefusedError, match="locked_out"):
            vault(tmp_path, clock=clock).open("correct horse")
        delays.append(caught.value.args_by_name["retry_after_s"])
        clock.at += delays[-1] * 1000 + 1  # type: ignore[operator]
    assert delays == [30, 60, 120, 300]
    assert vault(tmp_path, clock=clock).open("correct horse") == key
    with pytest.raises(RefusedError, match="wrong_password"):
        vault(tmp_path, clock=clock).open("no")


def test_setting_the_clock_back_does_not_help(tmp_path: Path) -> None:
    """The delay begins anew where the clock says less than at the last attempt."""
    clock = Clock()
    vault(tmp_path).create("correct horse")
    for _ in range(3):
        with pytest.raises(RefusedError):
            vault(tmp_path, clock=clock).open("no")
    clock.at -= 86_400_000
    with pytest.raises(RefusedError, match="locked_out") as caught:
        vault(tmp_path, clock=clock).open("correct horse")
    assert caught.value.args_by_name["until"] == clock.at + 30_000


def test_an_attempt_counts_before_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ending the program in the middle of an attempt gives no free one."""
    vault(tmp_path).create("correct horse")

    def killed(*_: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(KeyVault, "_tried", killed)
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                vault(tmp_path).open("guess")
    with pytest.raises(RefusedError, match="locked_out"):
        vault(tmp_path).open("correct horse")


def test_a_change_of_password_wraps_the_same_key(tmp_path: Path) -> None:
    """The new password opens the same replica, the old one no longer."""
    keyring = Shelf()
    key = vault(tmp_path, keyring).create("before")
    vault(tmp_path, keyring).wrap(key, "after")
    assert vault(tmp_path, keyring).open("after") == key
    with pytest.raises(RefusedError, match="wrong_password"):
        vault(tmp_path, keyring).open("before")


def test_destroying_leaves_nothing(tmp_path: Path) -> None:
    """After that neither file nor secret is there."""
    keyring = Shelf()
    one = vault(tmp_path, keyring)
    one.create("correct horse")
    one.destroy()
    assert not one.exists
    assert not keyring.secrets
    with pytest.raises(RefusedError, match="no_key_here"):
        one.open("correct horse")


def test_a_torn_file_is_named(tmp_path: Path) -> None:
    """A damaged key file is refused as such, not as a wrong password."""
    one = vault(tmp_path)
    one.create("correct horse")
    (tmp_path / KEY_FILE).write_bytes(b'{"cost":')
    with pytest.raises(RefusedError, match="key_damaged"):
        one.open("correct horse")


def test_plaintext_backends_are_never_used() -> None:
    """A backend that is not the system's own is refused, whatever it calls itself."""
    from keyring.backends import SecretService, fail, null

    plaintext = type("PlaintextKeyring", (null.Keyring,), {"__module__": "keyrings.alt.file"})
    backends: list[Any] = [plaintext, null.Keyring, fail.Keyring, SecretService.Keyring]
    assert [trusted(backend()) for backend in backends] == [False, False, False, True]


def test_secrets_fit_every_system() -> None:
    """What is kept in the keyring stays far below what Windows takes; more is a mistake of ours."""
    with pytest.raises(ValueError, match="too long"):
        Keyring(object()).put("name", "x" * (MOST_SECRET_BYTES // 2 + 1))


@pytest.mark.skipif(bool(os.environ.get(IN_KEYRING_SESSION)), reason="runs inside the session")
def test_against_a_real_keyring(tmp_path: Path) -> None:
    """The whole life of a key against gnome-keyring, in a session bus and folders of its own."""
    for program in ("gnome-keyring-daemon", "dbus-run-session"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    folders = {
        "XDG_DATA_HOME": "share",
        "XDG_CONFIG_HOME": "config",
        "XDG_CACHE_HOME": "cache",
        "HOME": "home",
    }
    environment = {k: v for k, v in os.environ.items() if k not in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY")}
    environment |= {name: str(tmp_path / folder) for name, folder in folders.items()}
    environment |= {"XDG_RUNTIME_DIR": str(runtime), IN_KEYRING_SESSION: str(tmp_path / "folder")}
    for folder in folders.values():
        (tmp_path / folder).mkdir()
    unlock = "printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null"
    inner = f'"{sys.executable}" -c "from tests.desktop.test_credentials import live; live()"'
    # The daemon ends with its bus; it is told to, so that nothing stays behind.
    done = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", f"{unlock}; {inner}"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("lived")
    secrets = b"".join(file.read_bytes() for file in (tmp_path / "share").rglob("*") if file.is_file())
    assert secrets
    assert b"correct horse" not in secrets


def live() -> None:
    """Inside the session: make, open, lose, change and destroy a key with the system's keyring."""
    folder = Path(os.environ[IN_KEYRING_SESSION])
    ring = system_keyring()
    assert ring is not None
    assert ring.put("probe", "x" * (MOST_SECRET_BYTES // 2))
    assert ring.get("probe") == "x" * (MOST_SECRET_BYTES // 2)
    ring.delete("probe")
    assert ring.get("probe") is None
    key = vault(folder, ring).create("correct horse")
    assert msgspec.json.decode((folder / KEY_FILE).read_bytes(), type=Wrapped).with_secret
    assert vault(folder, system_keyring()).open("correct horse") == key
    secret = ring.get(folder.name)
    assert secret is not None
    ring.delete(folder.name)
    with pytest.raises(RefusedError, match="keyring_secret_missing"):
        vault(folder, ring).open("correct horse")
    ring.put(folder.name, secret)
    vault(folder, ring).wrap(key, "another")
    assert vault(folder, ring).open("another") == key
    _live_beside(folder, ring)
    print("lived")


def _live_beside(folder: Path, ring: Keyring) -> None:
    """A colleague on the same login of the machine opens their own and nothing else."""
    colleague = folder.with_name("colleague")
    others = vault(colleague, ring).create("battery staple")
    with pytest.raises(RefusedError, match="wrong_password"):
        vault(colleague, ring).open("another")
    # Not even with the colleague's own secret: what was wrapped is bound to its folder.
    own = (colleague / KEY_FILE).read_bytes()
    shutil.copy(folder / KEY_FILE, colleague / KEY_FILE)
    with pytest.raises(RefusedError, match="wrong_password"):
        vault(colleague, ring).open("another")
    (colleague / KEY_FILE).write_bytes(own)
    vault(folder, ring).destroy()
    assert ring.get(folder.name) is None
    assert vault(colleague, system_keyring()).open("battery staple") == others
    vault(colleague, ring).destroy()
