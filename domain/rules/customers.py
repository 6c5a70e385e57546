"""How values about customers are compared, and how somebody is asked for."""

import re

from domain.rules.phone_numbers import e164

_NOT_DIGIT = re.compile(r"\D")
_MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>]+")
COUNTRY = "86"
MOBILE_DIGITS = 11


def normal_contact(kind: str, value: str) -> str:
    """A way to reach somebody as it is kept and compared: digits of a phone without +86, else lower case."""
    if kind != "phone":
        return value.strip().lower()
    digits = _NOT_DIGIT.sub("", value)
    if len(digits) == len(COUNTRY) + MOBILE_DIGITS and digits.startswith(COUNTRY + "1"):
        return digits.removeprefix(COUNTRY)
    return digits


def contact_fault(kind: str, value: str) -> str | None:
    """The code of what is wrong with a telephone number or a mail address; other kinds may be anything."""
    if kind == "phone" and value.strip() and not e164(value.strip()):
        return "cell_phone"
    if kind == "email" and value.strip() and not _MAIL.fullmatch(value.strip()):
        return "cell_email"
    return None
