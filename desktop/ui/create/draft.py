"""What a half-written ticket consists of, as it is kept at each keystroke."""

from typing import Any

import msgspec

from domain.entities.base import Entity
from domain.wire.attachments import AttachmentRef

KIND = "create"
SUBJECT_LENGTH = 40
"""A subject made from the description is cut here; one that is written may be longer."""

_BREAKS = "\n。！？!?；;"


class Draft(Entity):
    """A ticket being written; `id` becomes the ticket's, so that a draft left behind is never sent twice."""

    id: str
    template: str = ""
    values: dict[str, Any] = {}  # of the form, hidden fields too
    phone: str = ""
    name: str = ""
    category: str = ""
    org: str = ""
    org_suggested_by: str = ""  # where an unconfirmed or confirmed suggestion came from
    org_settled: bool = False
    customer: str = ""  # the record of who calls
    order_no: str = ""  # the order it is about
    tier: str = ""
    suggested: dict[str, str] = {}  # what nobody has touched of it, and where it came from
    line: str = ""
    subject: str = ""
    description: str = ""
    priority: str = ""  # empty: the template's
    cc: tuple[str, ...] = ()
    files: tuple[AttachmentRef, ...] = ()
    distinct: tuple[str, ...] = ()  # tickets that the person said are another matter
    page_time_s: int = 0
    follows: str = ""  # the closed ticket that it takes up again
    follows_number: str = ""  # as people say it
    left: bool = False  # the page was closed in order; else the program ended under it

    @property
    def empty(self) -> bool:
        """Whether nothing is in it that somebody wrote."""
        written = (self.phone, self.name, self.category, self.subject, self.description, *self.cc)
        return not any(written) and not self.values and not self.files


def body_of(draft: Draft) -> str:
    """The draft as the replica keeps it."""
    return msgspec.json.encode(draft).decode()


def read_draft(body: str) -> Draft | None:
    """The draft of a body; None for one that an other version wrote in a way unknown here."""
    try:
        return msgspec.json.decode(body, type=Draft)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def subject_of(draft: Draft) -> str:
    """The subject: as written, else the description's first sentence."""
    if draft.subject.strip():
        return draft.subject.strip()
    text = draft.description.strip()
    end = min((place for mark in _BREAKS if (place := text.find(mark)) >= 0), default=len(text))
    sentence = text[:end].strip()
    return (
        sentence if len(sentence) <= SUBJECT_LENGTH else sentence[: SUBJECT_LENGTH - 1].rstrip("，, ") + "…"
    )
