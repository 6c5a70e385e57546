"""Text modules in the order in which they fit what is being written (B15, RULES §5)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from math import log2

from desktop.replica.config_rows import initials
from desktop.ui.text_modules.filling import PLACEHOLDER
from domain.entities.forms import TextModule

NO_USES: Mapping[str, int] = {}
MOST_FOR_USE = 0.8
"""Use may outweigh a template's wish, not what was typed."""
_TYPED, _HEARD, _OWN_LINE = 3.0, 2.0, 0.1
_LEVEL: Mapping[str, float] = {"description": 0.5, "reply": 0.15}
"""What each level of the category counts: a description is about its category, an answer less so than it is habit."""
_NOISE = re.compile(r"[\s，。、；：！？“”（）,.;:!?()\"'{}\-]+")


def pairs(text: str) -> frozenset[str]:
    """The two-character pieces of a text, which stand for its words in Chinese."""
    found: set[str] = set()
    for run in _NOISE.split(text.casefold()):
        found.update(run[place : place + 2] for place in range(len(run) - 1))
        if len(run) == 1:
            found.add(run)
    return frozenset(found)


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def recommended(
    modules: Iterable[TextModule],
    *,
    use: str = "description",
    typed: str,
    heard: str = "",
    category_path: Sequence[str] = (),
    preferred: Iterable[str] = (),
    line: str = "",
    uses: Mapping[str, int] = NO_USES,
) -> list[TextModule]:
    """Those for one use, best first: likeness to what was typed and heard, then category, line, template and use.

    Modules of another business line are left out; `heard` is what is answered; `uses` counts by id how often
    the person took each.
    """
    wanted, answered, first = pairs(typed), pairs(heard), set(preferred)

    def score(module: TextModule) -> float:
        own = pairs(f"{module.name} {PLACEHOLDER.sub('', module.body)}")
        likeness = _TYPED * _likeness(wanted, own) + _HEARD * _likeness(answered, own)
        depth = category_path.index(module.category) + 1 if module.category in category_path else 0
        often = min(MOST_FOR_USE, 0.2 * log2(1 + uses.get(module.id, 0)))
        lined = _OWN_LINE if line and module.line == line else 0
        return likeness + depth * _LEVEL[use] + lined + (0.4 if module.id in first else 0) + often

    chosen = [module for module in modules if module.use == use and (not line or module.line in ("", line))]
    return sorted(chosen, key=lambda module: (-score(module), module.name))


def fits(module: TextModule, text: str) -> bool:
    """Whether a module is meant by what was typed to find it: its name, initials, or words in it."""
    wanted = text.casefold()
    return (
        wanted in module.name.casefold()
        or wanted in module.body.casefold()
        or initials(module.name).startswith(wanted)
    )
