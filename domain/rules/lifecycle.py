"""Which status may follow which (RULES §1)."""

TRANSITIONS: dict[str, frozenset[str]] = {
    "new": frozenset({"open", "pending", "on_hold", "resolved"}),
    "open": frozenset({"pending", "on_hold", "resolved"}),
    "pending": frozenset({"open", "on_hold", "resolved"}),
    "on_hold": frozenset({"open", "pending", "resolved"}),
    "resolved": frozenset({"open", "closed"}),
    "closed": frozenset(),
}


def may_follow(current: str, following: str) -> bool:
    """Whether a ticket in `current` may move to `following`."""
    return following in TRANSITIONS.get(current, frozenset())
