"""`python3 dev.py shots --out DIR`: every window in its states, in both languages and schemes, with an index page."""

import re
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

ROOMS: Mapping[str, str] = {
    "sign-in": "tests.shots.sign_in_shots",
    "door": "tests.shots.door_shots",
    "main": "tests.shots.main_shots",
    "together": "tests.shots.together_shots",
    "rules": "tests.shots.rule_shots",
    "create": "tests.shots.create_shots",
    "attachments": "tests.shots.attachment_shots",
    "reports": "tests.shots.report_shots",
    "components": "tests.shots.gallery",
}
"""Each room of the interface with the program that draws it, run on its own: what one leaves behind hurts no other."""

LANGUAGES, SCHEMES = ("zh_CN", "en"), ("light", "dark")
_VARIANT = re.compile(rf"-(?P<scheme>{'|'.join(SCHEMES)})-(?P<language>{'|'.join(LANGUAGES)})")
OFFSCREEN_LACKS = "This plugin does not support"
"""What Qt's platform without a screen says of grabbing and raising windows."""
FAILED = 1

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Gongdan windows</title>
<style>
body {{ font: 14px/1.5 system-ui, sans-serif; margin: 24px; color: #1a1c22; background: #f1f3f5; }}
h2 {{ margin: 32px 0 8px; }}
table {{ border-spacing: 8px; }}
th {{ text-align: left; font-weight: 600; }}
td {{ vertical-align: top; }}
img {{ width: 340px; border: 1px solid #ccd; background: #fff; display: block; }}
</style>
<h1>Gongdan 工单</h1>
<p>{count} pictures, made {when}. Click one to see it at its size.</p>
{rooms}
</html>
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw what is asked for and write the index; 1 if a room could not be drawn."""
    parser = ArgumentParser(prog="dev.py shots", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/shots"), metavar="DIR")
    parser.add_argument("--only", action="append", choices=list(ROOMS), metavar="ROOM", help="one room alone")
    given = parser.parse_args(arguments)
    out: Path = given.out.absolute()
    failed = [room for room in given.only or ROOMS if not draw(room, out / room)]
    count = write_index(out)
    print(f"{count} pictures in {out}" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return FAILED if failed else 0


def draw(room: str, folder: Path) -> bool:
    """Draw one room into a folder, which is emptied before."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    began = time.monotonic()
    command = [sys.executable, "-m", ROOMS[room], str(folder)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    told = [line for line in done.stderr.splitlines() if line and not line.startswith(OFFSCREEN_LACKS)]
    sys.stderr.write("".join(f"{line}\n" for line in told))
    pictures = len(list(folder.glob("*.png")))
    print(f"{room}: {pictures} pictures, {time.monotonic() - began:.0f} s", flush=True)
    return done.returncode == 0 and pictures > 0


def write_index(out: Path) -> int:
    """Write `index.html` over all pictures there are; returns how many."""
    pictures = sorted(out.glob("*/*.png"))
    rooms = [_room(room, [picture for picture in pictures if picture.parent.name == room]) for room in ROOMS]
    page = _PAGE.format(count=len(pictures), when=time.strftime("%Y-%m-%d %H:%M"), rooms="\n".join(rooms))
    (out / "index.html").write_text(page, encoding="utf-8")
    return len(pictures)


def _room(room: str, pictures: Iterable[Path]) -> str:
    """One table: a row for each state, a column for each language and scheme."""
    states: dict[str, dict[tuple[str, str], Path]] = {}
    for picture in pictures:
        found = _VARIANT.search(picture.stem)
        state = _VARIANT.sub("", picture.stem)
        variant = (found["language"], found["scheme"]) if found else (LANGUAGES[0], SCHEMES[0])
        states.setdefault(state, {})[variant] = picture
    variants = [(language, scheme) for language in LANGUAGES for scheme in SCHEMES]
    head = "".join(f"<th>{language} {scheme}</th>" for language, scheme in variants)
    rows = [
        f"<tr><th colspan={len(variants)}>{escape(state)}</th></tr><tr>"
        + "".join(_cell(found.get(variant)) for variant in variants)
        + "</tr>"
        for state, found in states.items()
    ]
    return f"<h2>{escape(room)}</h2><table><tr>{head}</tr>{''.join(rows)}</table>" if rows else ""


def _cell(picture: Path | None) -> str:
    if picture is None:
        return "<td></td>"
    place = escape(f"{picture.parent.name}/{picture.name}")
    return f'<td><a href="{place}"><img src="{place}" alt="{escape(picture.stem)}" loading="lazy"></a></td>'


if __name__ == "__main__":
    sys.exit(main())
