"""The one codec of the wire: JSON by msgspec, decoders made once for each message."""

import re
from typing import Any, TypeVar

import msgspec

from domain.errors import InvalidInputError

T = TypeVar("T")

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

_encoder = msgspec.json.Encoder()
_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}


def encode(message: object) -> bytes:
    """Return the bytes of a message; fields in their declared order, so equal messages are equal bytes."""
    return _encoder.encode(message)


def decode(raw: bytes | bytearray | memoryview | str, kind: type[T]) -> T:
    """Return the message; raise InvalidInputError (``bad_message``) where the bytes are not one."""
    decoder = _decoders.get(kind)
    if decoder is None:
        decoder = _decoders[kind] = msgspec.json.Decoder(kind)
    try:
        return decoder.decode(raw)  # type: ignore[no-any-return]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInputError("bad_message", reason=str(error)) from None


def holds_nul(raw: bytes) -> bool:
    """Whether JSON holds text with a NUL in it, which databases don't keep."""
    return b"\\u0000" in raw and _NUL.search(raw) is not None
