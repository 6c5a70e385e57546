"""Commands of rules: what a trigger or automation does, and a macro that a person applies (RULES §4, §5)."""

from domain.entities.rules import RuleMessage, RuleStep, Skipped
from domain.wire.intent import Intent


class ApplyRule(Intent):
    """What a rule of the server's comes to for one ticket; each step by itself, only the system may send it."""

    rule: str  # "trigger:ID" or "automation:ID"
    name: str = ""
    event: str = ""
    depth: int = 0
    steps: tuple[RuleStep, ...] = ()
    messages: tuple[RuleMessage, ...] = ()
    skipped: tuple[Skipped, ...] = ()


class ApplyMacro(Intent):
    """A macro with its actions as they came out for this ticket; all of it or nothing."""

    macro: str
    version: int = 1
    name: str = ""
    steps: tuple[RuleStep, ...] = ()
    reply: str = ""
    internal: bool = False
