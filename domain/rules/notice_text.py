"""Messages out of templates: which text, which placeholders, and these filled in (RULES §9)."""

import re
from collections.abc import Iterable, Mapping

from domain.entities.notices import NoticeTemplate, NoticeText, Variant

TICKET_PLACEHOLDERS = ("number", "subject", "store", "line", "type", "status", "priority")
"""What a customer may be told of, too: it is their own matter."""
DESK_PLACEHOLDERS = ("handler", "team", "creator", "due", "by", "reason", "late", "level", "title", "text")
"""What stays among colleagues. `by`, `reason`, `late`, `level`, `title` and `text` come with the message."""
PLACEHOLDERS = frozenset({*TICKET_PLACEHOLDERS, *DESK_PLACEHOLDERS})
CUSTOMER_PLACEHOLDERS = frozenset(TICKET_PLACEHOLDERS)
LANGUAGES = ("zh", "en")
MOST_CHARACTERS = 400
"""Of one value: a message is no place for a whole matter."""

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def placeholders_of(texts: Iterable[str]) -> frozenset[str]:
    """The names in braces."""
    return frozenset(name for text in texts for name in _PLACEHOLDER.findall(text))


def named_in(template: NoticeTemplate) -> frozenset[str]:
    """Every placeholder that a template names, in whatever channel's words."""
    variants = template.variants.values()
    texts = [*template.texts.values(), *(text for one in variants for text in one.texts.values())]
    found = placeholders_of(part for text in texts for part in (text.subject, text.body))
    return found | {name for one in variants for name in one.params}


def text_for(template: NoticeTemplate, channel: str, language: str) -> NoticeText | None:
    """What a channel says in a language, else in the other one; none where it says nothing at all."""
    variant = template.variants.get(channel, Variant())
    for texts in (variant.texts, template.texts):
        for one in (language, *LANGUAGES):
            if one in texts:
                return texts[one]
    return None


def filled(text: str, values: Mapping[str, str], *, one_line: bool = False) -> str:
    """A text with its placeholders filled in; what is not known is left empty, and no value is read again."""
    made = _PLACEHOLDER.sub(lambda found: _value(values.get(found[1], "")), text)
    return _CONTROL.sub(" ", made).strip() if one_line else made


def _value(value: str) -> str:
    plain = _CONTROL.sub(" ", value)
    return plain if len(plain) <= MOST_CHARACTERS else f"{plain[: MOST_CHARACTERS - 1]}…"
