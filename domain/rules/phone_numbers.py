"""Phone numbers as people write them, in the forms that providers take."""

import re

_SEPARATORS = re.compile(r"[\s\-().\u2010-\u2015\u3000（）]+")
_NUMBER = re.compile(r"\+?[0-9]{5,20}")
HOME = "86"


def e164(text: str) -> str:
    """`+` and the country's code before the number; China's where none is written; empty where it is none."""
    plain = _SEPARATORS.sub("", text)
    if not _NUMBER.fullmatch(plain):
        return ""
    if plain.startswith("00"):
        plain = f"+{plain[2:]}"
    if plain.startswith("+"):
        return plain
    if plain.startswith(HOME) and len(plain) == 13:
        return f"+{plain}"
    return f"+{HOME}{plain.removeprefix('0')}"


def national(text: str) -> str:
    """A Chinese number without its country's code, another with `00` before it; empty where it is none."""
    number = e164(text)
    if not number:
        return ""
    home = f"+{HOME}"
    if not number.startswith(home):
        return f"00{number[1:]}"
    return number.removeprefix(home)
