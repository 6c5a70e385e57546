"""Two texts side by side: which pieces of each the other does not have."""

from difflib import SequenceMatcher
from html import escape

from desktop.ui.theme import tokens
from desktop.ui.theme.tokens import TYPE

Piece = tuple[str, bool]
_NOISE = 2
"""Equal runs this short between two differences belong to them: single characters say nothing."""


def pieces(theirs: str, mine: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts cut into pieces, each with whether it differs."""
    matcher = SequenceMatcher(a=theirs, b=mine, autojunk=False)
    left: list[Piece] = []
    right: list[Piece] = []
    blocks = matcher.get_opcodes()
    for place, (tag, i1, i2, j1, j2) in enumerate(blocks):
        inner = 0 < place < len(blocks) - 1
        differs = tag != "equal" or (inner and i2 - i1 < _NOISE)
        _add(left, theirs[i1:i2], differs)
        _add(right, mine[j1:j2], differs)
    return left, right


def _add(to: list[Piece], text: str, differs: bool) -> None:
    if not text:
        return
    if to and to[-1][1] == differs:
        to[-1] = (to[-1][0] + text, differs)
    else:
        to.append((text, differs))


def marked(text: list[Piece]) -> str:
    """The pieces as HTML: what differs is bold on the ground of what is good, never colour alone."""
    used = tokens()
    style = f"font-weight:700;color:{used.ok};background-color:{used.ok_soft}"
    parts = []
    for words, differs in text:
        safe = escape(words).replace("\n", "<br>")
        parts.append(f'<span style="{style}">{safe}</span>' if differs else safe)
    line = TYPE["body"].line
    return f'<p style="margin:0;line-height:{line}px;white-space:pre-wrap">{"".join(parts)}</p>'
