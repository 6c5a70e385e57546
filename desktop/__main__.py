"""The command line of the desktop: `gongdan`."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the desktop and return its exit status; a second start for one home brings the first to the front."""
    # Deadlines come from the pinned zones, never from this machine's (DESIGN §3).
    os.environ["PYTHONTZPATH"] = ""
    given = _parser().parse_args(arguments)
    from desktop.app import Start, run
    from desktop.paths import home_folder

    start = Start(
        home=Path(given.home).absolute() if given.home else home_folder(),
        server=given.server or "",
        login=given.login or "",
        # For demonstrations and tests; taken away so that no program started from here inherits it.
        password=os.environ.pop("GONGDAN_PASSWORD", ""),
        language=given.language or "",
        scheme=given.scheme or "",
    )
    return run(start)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="gongdan", description="The desktop of Gongdan.")
    parser.add_argument("--server", metavar="URL", help="the server's address, for the sign-in window")
    parser.add_argument("--home", metavar="DIR", help="where this machine's files are kept (GONGDAN_HOME)")
    parser.add_argument("--login", metavar="NAME", help="the login, for the sign-in window")
    parser.add_argument("--language", choices=("zh_CN", "en"), help="the language of the windows")
    parser.add_argument("--scheme", choices=("light", "dark"), help="the colours; else the system's")
    return parser


if __name__ == "__main__":
    sys.exit(main())
