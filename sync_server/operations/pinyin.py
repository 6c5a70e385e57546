"""Initials by which Chinese names are found: each character's first letter, the rest as it is written."""

from pypinyin import Style, lazy_pinyin


def initials(name: str) -> str:
    """The initials of a name in lower case; letters and digits stay, other signs go."""
    return "".join(part if part.isascii() else part[:1] for part in _parts(name) if part.isalnum()).lower()


def _parts(name: str) -> list[str]:
    return [sign for part in lazy_pinyin(name, style=Style.FIRST_LETTER) for sign in part]
