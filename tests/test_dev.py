"""The set-up command: what it promises before anything is installed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import dev


def _call(*args: str) -> subprocess.CompletedProcess[str]:
    """Run dev.py as a person would, without any environment of ours."""
    command = [sys.executable, "-I", str(dev.ROOT / "dev.py"), *args]
    return subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=60)


def test_needs_the_standard_library_only() -> None:
    """It runs on a machine where nothing has been installed."""
    tree = ast.parse((dev.ROOT / "dev.py").read_text(encoding="utf-8"))
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


def test_help_lists_every_command() -> None:
    """A person sees what there is, and nothing is set up for that."""
    shown = _call("--help")
    assert shown.returncode == 0
    assert all(f"  {name} " in shown.stdout for name in dev.COMMANDS)


def test_unknown_command_is_refused() -> None:
    """A mistyped command does nothing and says what exists."""
    refused = _call("chekc")
    assert refused.returncode == 2
    assert "there is no command 'chekc'" in refused.stderr
    assert "check" in refused.stderr


@pytest.mark.skipif(not dev.on_debian(), reason="speaks of apt")
def test_without_rights_the_exact_line_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not install is told the one line to run; what is only wished for does not stop the work."""
    monkeypatch.setattr(dev, "is_root", lambda: False)
    missing = {"libegl1": "libEGL.so.1", dev.FONT_PACKAGE: "a Chinese font"}
    with pytest.raises(
        dev.Stopped, match=r"sudo apt-get update && sudo apt-get install -y libegl1 fonts-wqy"
    ):
        dev.provide(missing, required=["libegl1"], purpose="The demo")
    dev.provide({dev.FONT_PACKAGE: "a Chinese font"}, required=["libegl1"], purpose="The demo")


def test_what_cannot_be_loaded_is_missing() -> None:
    """A library is there if it loads, not if a file of its name lies about."""
    needed = {"liblacking1": "libgongdan-does-not-exist.so.1"}
    found = dev.system_needs(needed, {"gongdan-nothing": "gongdan-no-such-program"}, font=False)
    expected = needed | {"gongdan-nothing": "gongdan-no-such-program"}
    assert found == (expected if sys.platform.startswith("linux") else {})


def test_failed_step_shows_its_output(tmp_path: Path) -> None:
    """What went wrong is shown with the command that did it, and nothing else is."""
    script = tmp_path / "fails.py"
    script.write_text("print('the disk is full')\nraise SystemExit(3)\n", encoding="utf-8")
    with pytest.raises(dev.Stopped, match=r"(?s)It failed\..*fails\.py.*the disk is full"):
        dev.run_quietly([sys.executable, str(script)], "It failed.")


def test_children_use_the_pinned_zones() -> None:
    """Deadlines are the same on every machine: the system's zone files are left aside."""
    assert dev.child_environment()["PYTHONTZPATH"] == ""


def test_children_keep_what_they_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process of the tests doesn't compile again what the one before it did."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in dev.child_environment()


@pytest.mark.skipif(sys.platform != "linux", reason="there is no folder in memory")
def test_memory_is_used_where_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' files lie in memory, and on the disk as ever where memory has no room for them."""
    monkeypatch.setattr(dev, "MEMORY", tmp_path)
    monkeypatch.setattr(dev, "TESTS_BYTES", 0)
    assert dev.in_memory() == {"TMPDIR": str(tmp_path)}
    monkeypatch.setattr(dev, "TESTS_BYTES", 1 << 80)
    assert dev.in_memory() == {}
    monkeypatch.setattr(dev, "MEMORY", tmp_path / "none")
    assert dev.in_memory() == {}


def test_another_folder_s_environment_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where .venv is a link, the link goes, not what it points to."""
    theirs, here = tmp_path / "theirs", tmp_path / ".venv"
    theirs.mkdir()
    (theirs / "kept").touch()
    here.symlink_to(theirs, target_is_directory=True)
    monkeypatch.setattr(dev, "VENV", here)
    monkeypatch.setattr(dev, "run_quietly", lambda *_: None)
    dev.make_venv()
    assert not here.exists()
    assert (theirs / "kept").exists()
