"""How values about customers are compared, and how somebody is asked for."""

import re

_NOT_DIGIT = re.compile(r"\D")
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
