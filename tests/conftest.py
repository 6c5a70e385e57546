"""What every test may rely on: no threads left behind, a home of its own, real material where it is."""

import gc
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No deadline: the machine's speed is nobody's bug. The blob lets a failure be run again anywhere.
settings.register_profile(
    "house", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first: no process is left with it when the others have nothing more to do."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def _lasting_threads() -> set[threading.Thread]:
    """Threads that would keep the process from ending."""
    return {thread for thread in threading.enumerate() if thread.is_alive() and not thread.daemon}


@pytest.fixture(scope="session", autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail the run if a test left a thread that keeps the process alive."""
    before = _lasting_threads()
    yield
    for thread in _lasting_threads() - before:
        thread.join(timeout=5)
    left = sorted(thread.name for thread in _lasting_threads() - before)
    assert not left, f"threads left running after the tests: {left}"


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """Put the process's environment and folder back as the test found them."""
    environment, folder = dict(os.environ), Path.cwd()
    yield
    os.chdir(folder)
    changed = {
        name
        for name in os.environ.keys() | environment.keys()
        if os.environ.get(name) != environment.get(name)
    }
    for name in changed - {"PYTEST_CURRENT_TEST"}:
        if name in environment:
            os.environ[name] = environment[name]
        else:
            del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def loaded_for_good() -> None:
    """What is loaded by now is looked through no more: it makes every collection of the run cheaper."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def collected_on_this_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """Windows that stand in a cycle are destroyed here, never on a worker's thread (desktop.ui.collecting)."""
    if not {"qapp", "qtbot"} & set(request.fixturenames):
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        request.node.funcargs.clear()  # else the test's windows live until the next one is over
        gc.collect()
        gc.freeze()  # what windows load when they are first shown need not be looked through after each
        gc.enable()


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty home folder, on every system's variables for it."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture(scope="session")
def sample_data() -> Path:
    """Return the folder of real material, or skip the test where it is absent."""
    folder = os.environ.get("GONGDAN_SAMPLE_DATA")
    if not folder:
        pytest.skip("real material is absent: GONGDAN_SAMPLE_DATA names no folder")
    path = Path(folder)
    if not path.is_dir():
        pytest.skip(f"real material is absent: GONGDAN_SAMPLE_DATA names {folder}, which is no folder")
    return path
