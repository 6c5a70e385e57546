"""A pytest plugin: each directed test runs once as it is, and once without each safeguard that it stands for.

It is loaded by the test of the directed tests, in a process of its own (`-p tests.simulation.real.taking_away`), and
writes how each run ended to the file that `--told` names.
"""

import json
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.simulation.real.safeguards import DIRECTED, without

NOTHING = "nothing"
"""The run of a test with every safeguard in place."""
PASSED = "passed"

_told: dict[str, dict[str, str]] = {}
"""By test and what was taken away: `passed`, or the error that the test ended with."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where to tell how it went."""
    parser.addoption("--told", type=Path, required=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the test once more for each safeguard that names it."""
    test = metafunc.definition.nodeid
    names = [name for name, named in DIRECTED.items() if named == test]
    metafunc.fixturenames.append("taken_away")
    metafunc.parametrize("taken_away", [NOTHING, *names], indirect=True)


@pytest.fixture(autouse=True)
def taken_away(request: pytest.FixtureRequest) -> Iterator[str]:
    """Take the safeguard away for the length of the test; one that was noticed needs no other seed."""
    ended = _told.get(_test(request.node), {}).get(request.param)
    if ended is not None and (request.param == NOTHING) == (ended == PASSED):
        pytest.skip("known by now")
    with without(None if request.param == NOTHING else request.param, everywhere=True):
        yield request.param


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell how the test's own body ended; what goes wrong around it is told as such."""
    report = yield
    if not report.skipped and (call.when == "call" or report.failed):
        error = call.excinfo.typename if call.excinfo else PASSED
        name = item.callspec.params["taken_away"]  # type: ignore[attr-defined]
        ends = _told.setdefault(_test(item), {})
        if call.when == "call":
            ends[name] = error
        else:
            ends.setdefault(name, f"{call.when}: {error}")
        item.config.getoption("--told").write_text(json.dumps(_told), encoding="utf-8")
    return report


def _test(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]
