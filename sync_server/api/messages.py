"""Messages in and out of a request: size limits, zstd where it is offered, our codec (SYNC §3)."""

import threading
from typing import Any, Literal, TypeVar

import zstandard
from litestar import Request, Response

from domain.errors import InvalidInputError, RefusedError
from domain.wire import codec, dictionary
from domain.wire.protocol import OLDEST_PROTOCOL, PROTOCOL
from domain.wire.sync import PushRequest

T = TypeVar("T")

LEVEL, SMALL_LEVEL = 3, 9
SMALLEST_PACKED = 512
"""Bytes; below that packing gains nothing."""

_local = threading.local()


def read(request: Request[Any, Any, Any], body: bytes, kind: type[T], *, limit: int, rows: bool = False) -> T:
    """Decode a request's body; refused as ``too_large``, ``unsupported_encoding`` or ``bad_message``.

    With `rows` the caller judges them one by one: one's fault is not everybody's.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "zstd":
        body = _unpacked(body, limit)
    elif encoding not in ("", "identity"):
        raise RefusedError("unsupported_encoding", encoding=encoding[:40])
    if len(body) > limit:
        raise RefusedError("too_large", limit=limit)
    message = codec.decode(body, kind)
    # In a push it is one command's fault alone, and rejected with it.
    if not rows and kind is not PushRequest and codec.holds_nul(body):
        raise InvalidInputError("bad_message", reason="nul")
    return message


def _unpacked(body: bytes, limit: int) -> bytes:
    """Unpack no more than the limit, whatever the packed bytes promise."""
    try:
        with zstandard.ZstdDecompressor().stream_reader(body) as reader:
            plain = reader.read(limit + 1)
    except zstandard.ZstdError:
        raise InvalidInputError("bad_message", reason="zstd") from None
    if len(plain) > limit:
        raise RefusedError("too_large", limit=limit)
    return plain


def answer(request: Request[Any, Any, Any], message: object) -> Response[bytes]:
    """Encode an answer, packed where the client takes it and it is worth it."""
    raw = codec.encode(message)
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    taken = request.headers.get("accept-encoding", "")
    if dictionary.PACKED_FROM <= len(raw) <= dictionary.PACKED_TO and dictionary.ENCODING in taken:
        raw = _packer("small").compress(raw)
        headers["Content-Encoding"] = dictionary.ENCODING
    elif len(raw) >= SMALLEST_PACKED and "zstd" in taken:
        raw = _packer("plain").compress(raw)
        headers["Content-Encoding"] = "zstd"
    return Response(raw, status_code=200, media_type="application/json", headers=headers)


def _packer(name: Literal["plain", "small"]) -> zstandard.ZstdCompressor:
    """One compressor for each thread: they can't be shared, and making one costs more than a small page."""
    packer: zstandard.ZstdCompressor | None = getattr(_local, name, None)
    if packer is None:
        packer = zstandard.ZstdCompressor(level=LEVEL) if name == "plain" else _small_packer()
        setattr(_local, name, packer)
    return packer


def _small_packer() -> zstandard.ZstdCompressor:
    """Packs small answers with what they have in common, and without what a frame says of itself."""
    shared = zstandard.ZstdCompressionDict(dictionary.DICTIONARY, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    return zstandard.ZstdCompressor(
        level=SMALL_LEVEL, dict_data=shared, write_content_size=False, write_dict_id=False
    )


def check_protocol(spoken: int) -> None:
    """Refuse a client that speaks a protocol this server no longer, or not yet, speaks."""
    if spoken < OLDEST_PROTOCOL:
        raise RefusedError("protocol_too_old", spoken=spoken, oldest=OLDEST_PROTOCOL)
    if spoken > PROTOCOL:
        raise RefusedError("protocol_too_new", spoken=spoken, newest=PROTOCOL)
