"""`python3 dev.py demo`: the sample chain with two desktops; headless it plays the whole story and counts."""

import os
import shutil
import signal
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tests.demo.chain import Files
from tests.demo.story import play
from tests.demo.visible import show

NOUNS = {"stores": "org", "tickets": "tickets", "calendar": "calendar"}
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo and return its exit status."""
    os.environ["PYTHONTZPATH"] = ""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        files = _files(given)
    except ValueError as wrong:
        parser.error(str(wrong))
    headless = given.headless or not _has_display()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        with _folder(given) as out:
            return play(out, files) if headless else show(out, files)
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; everything is ended\n")
        return INTERRUPTED


def _stop(number: int, frame: FrameType | None) -> None:
    """Being told to end is like Ctrl+C: what was started is ended first."""
    raise KeyboardInterrupt


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="dev.py demo", description=__doc__)
    parser.add_argument("--headless", action="store_true", help="play the story without a display")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where screenshots and summary.json go")
    parser.add_argument("--stores", type=Path, metavar="FILE", help="stores instead of the sample's")
    parser.add_argument("--tickets", type=Path, metavar="FILE", help="matters instead of the sample's")
    parser.add_argument("--calendar", type=Path, metavar="FILE", help="holidays and make-up workdays")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FILE.FIELD=COLUMN",
        help="which column holds a field, such as stores.name=门店 or tickets.created_at=时间",
    )
    parser.add_argument("--keep", action="store_true", help="keep databases and logs in DIR, too")
    return parser


def _files(given: Namespace) -> Files:
    """The files asked for; ValueError says what is wrong with them."""
    for noun in NOUNS:
        file: Path | None = getattr(given, noun)
        if file is not None and not file.is_file():
            raise ValueError(f"--{noun}: there is no file {file}")
    columns: dict[str, dict[str, str]] = {}
    for text in given.map:
        left, separator, column = text.partition("=")
        noun, _, field = left.partition(".")
        if not separator or noun not in NOUNS or not field or not column:
            raise ValueError(f"--map {text}: write FILE.FIELD=COLUMN with FILE one of {', '.join(NOUNS)}")
        columns.setdefault(NOUNS[noun], {})[field] = column
    return Files(stores=given.stores, tickets=given.tickets, calendar=given.calendar, columns=columns)


@contextmanager
def _folder(given: Namespace) -> Iterator[Path]:
    """Where everything goes; databases and logs are taken away at the end unless they are to be kept."""
    if given.out is None:
        with tempfile.TemporaryDirectory(prefix="gongdan-demo-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
        return
    out: Path = given.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    _clear(out, "server", "desks", "screenshots")
    try:
        yield out
    finally:
        if not given.keep:
            _clear(out, "server", "desks")


def _clear(out: Path, *names: str) -> None:
    for name in names:
        shutil.rmtree(out / name, ignore_errors=True)


def _has_display() -> bool:
    """Whether windows can be shown here."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())
