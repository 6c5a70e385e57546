"""`python -m tests.bench NAME [--json] [--tickets N] [--desktops N] [--runs N]
[--database sqlite|postgresql]`.
"""

import argparse
import importlib
import statistics
import sys
import tempfile
from pathlib import Path

import structlog

from tests.bench.figures import Figures

BENCHES = (
    "first-sync",
    "snapshot",
    "catch-up",
    "latency",
    "wire",
    "stall",
    "push",
    "start",
    "search",
    "reports",
    "sweep",
)
CROWDS = ("idle", "reconnect")
"""Measured by the number of desktops, not of tickets."""
RUNS, OWN_ROUNDS = 5, frozenset({"push", "latency"})
"""What is printed are medians of so many runs; some make rounds of their own, or samples enough, within one."""


def main() -> int:
    """Run one benchmark, several times if asked, and print its figures."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    parser.add_argument("name", choices=(*BENCHES, *CROWDS))
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--tickets", type=int, default=100_000, help="how many tickets there are (100,000)")
    parser.add_argument("--desktops", type=int, default=2_000, help="how many desktops there are (2,000)")
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql"), default="sqlite", help="of push and sweep"
    )
    parser.add_argument("--workers", type=int, default=1, help="that sweep at the same time (1)")
    parser.add_argument("--runs", type=int, help=f"run it so often and print medians ({RUNS})")
    given = parser.parse_args()
    module = importlib.import_module(f"tests.bench.{given.name.replace('-', '_')}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    size = given.desktops if given.name in CROWDS else given.tickets
    more = {"database": given.database} if given.name in ("push", "sweep") else {}
    if given.name == "sweep":
        more["workers"] = given.workers
    runs = []
    for _ in range(given.runs or (1 if given.name in OWN_ROUNDS else RUNS)):
        with tempfile.TemporaryDirectory(prefix="gongdan-bench-") as folder:
            runs.append(module.run(Path(folder), size, **more))
    print(_median(runs).shown(as_json=given.json))
    return 0


def _median(runs: list[Figures]) -> Figures:
    """The figures of all runs by their medians; texts as in the first."""
    if len(runs) == 1:
        return runs[0]
    merged = Figures(str(runs[0].values["bench"]))
    merged.add("runs", len(runs))
    for name, value in runs[0].values.items():
        if name != "bench":
            numbers = [run.values[name] for run in runs]
            merged.add(
                name, value if isinstance(value, str) else float(statistics.median(map(float, numbers)))
            )
    return merged


if __name__ == "__main__":
    sys.exit(main())
