"""Which mail no person wrote: it must never start a rule, nor be answered (RULES §4; RFC 3834)."""

import re
from collections.abc import Collection, Mapping

_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
_LIST = ("list-id", "list-unsubscribe", "list-post", "feedback-id")
_AUTOREPLY = ("x-autoreply", "x-autorespond", "x-autoresponse", "x-auto-response-suppress")
_SENDERS = re.compile(
    r"(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|listserv|owner-.*)([-+=].*)?", re.IGNORECASE
)
_ADDRESS = re.compile(r"<([^<>]*)>|([^\s<>,;]+@[^\s<>,;]+)")


def is_automatic(headers: Mapping[str, str], own: Collection[str] = ()) -> bool:
    """Whether a machine sent a mail: by what it says of itself, by its list, by its sender, or we did."""
    said = {name.lower(): value.strip() for name, value in headers.items()}
    submitted = said.get("auto-submitted", "no").split(";")[0].strip().lower()
    if submitted != "no":
        return True
    if said.get("precedence", "").lower() in _BULK:
        return True
    if any(name in said for name in (*_LIST, *_AUTOREPLY)):
        return True
    if said.get("return-path", "-") == "<>" or said.get("content-type", "").lower().startswith(
        "multipart/report"
    ):
        return True
    sender = address_in(said.get("from", ""))
    mine = {one.lower() for one in own}
    return not sender or sender in mine or bool(_SENDERS.fullmatch(sender.partition("@")[0]))


def address_in(text: str) -> str:
    """The mail address in a header's text, in small letters; empty where there is none."""
    found = _ADDRESS.search(text)
    return (found[1] if found and found[1] is not None else found[2] if found else "").strip().lower()
