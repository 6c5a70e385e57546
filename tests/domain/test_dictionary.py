"""The text that small answers are packed with."""

import hashlib

from domain.wire.dictionary import DICTIONARY

AS_RELEASED = "27e6361b6b98a4603fea0df276925682ffe20141071482741cf476548a21a999"


def test_dictionary_never_changes() -> None:
    """Programs of other versions unpack with the same text under the same name."""
    assert hashlib.sha256(DICTIONARY).hexdigest() == AS_RELEASED
