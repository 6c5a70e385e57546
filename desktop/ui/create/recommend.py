"""Text modules in the order in which they fit what is being written (B15)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from math import log2

from domain.entities.forms import TextModule

NO_USES: Mapping[str, int] = {}
MOST_FOR_USE = 0.8
"""Use may outweigh a template's wish, not what was typed."""
_PLACEHOLDER = re.compile(r"\{([^{}\n]{1,20})\}")
_NOISE = re.compile(r"[\s，。、；：！？“”（）,.;:!?()\"'{}\-]+")


def pairs(text: str) -> frozenset[str]:
    """The two-character pieces of a text, which stand for its words in Chinese."""
    found: set[str] = set()
    for run in _NOISE.split(text.casefold()):
        found.update(run[place : place + 2] for place in range(len(run) - 1))
        if len(run) == 1:
            found.add(run)
    return frozenset(found)


def recommended(
    modules: Iterable[TextModule],
    *,
    typed: str,
    category_path: Sequence[str] = (),
    preferred: Iterable[str] = (),
    line: str = "",
    uses: Mapping[str, int] = NO_USES,
) -> list[TextModule]:
    """Those for descriptions, best first: likeness to what was typed, then category, the template's own, and use.

    Modules of another business line are left out; `uses` counts by id how often the person took each.
    """
    wanted, first = pairs(typed), set(preferred)

    def score(module: TextModule) -> float:
        own = pairs(f"{module.name} {_PLACEHOLDER.sub('', module.body)}")
        likeness = len(wanted & own) / max(1, min(len(wanted), len(own)))
        depth = category_path.index(module.category) + 1 if module.category in category_path else 0
        often = min(MOST_FOR_USE, 0.2 * log2(1 + uses.get(module.id, 0)))
        return likeness * 3 + depth * 0.5 + (0.4 if module.id in first else 0) + often

    chosen = [
        module
        for module in modules
        if module.use == "description" and (not line or module.line in ("", line))
    ]
    return sorted(chosen, key=lambda module: (-score(module), module.name))


def filled(body: str, known: Mapping[str, str]) -> str:
    """The text with the placeholders that are known filled in; the others stay."""
    return _PLACEHOLDER.sub(lambda found: known.get(found.group(1)) or found.group(0), body)


def first_placeholder(text: str) -> tuple[int, int] | None:
    """Where the first placeholder that is still open stands."""
    found = _PLACEHOLDER.search(text)
    return found.span() if found else None
