"""What became of a request: trouble on the way, answers unpacked, refusals in the server's own words (SYNC §3)."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import requests
import urllib3.exceptions
import zstandard

from desktop.sync.transport import UnreachableError
from domain.errors import GongdanError, InvalidInputError, RefusedError, UnavailableError
from domain.wire import codec, dictionary
from domain.wire.sync import Problem

T = TypeVar("T")

MOST_BYTES = 64 * 1024 * 1024
MOST_SLOT_MS = 600_000
_CHUNK = 256 * 1024
PACKED = {
    "zstd": None,
    dictionary.ENCODING: zstandard.ZstdCompressionDict(
        dictionary.DICTIONARY, dict_type=zstandard.DICT_TYPE_RAWCONTENT
    ),
}
"""The packings that are offered, and the dictionary of each."""
_PASSING = {408, 425, 500, 502, 503, 504, 507}


def reached(ask: Callable[[], T], *, late: bool = False) -> T:
    """Say in our words what went wrong on the way; `late`: the request had arrived already."""
    try:
        return ask()
    except (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError):
        raise UnreachableError("server_unreachable") from None
    except requests.exceptions.SSLError:
        raise UnreachableError("certificate_refused") from None
    except requests.exceptions.Timeout:
        raise UnavailableError("timeout") from None
    except requests.exceptions.ConnectionError as error:
        if not late and _never_connected(error):
            raise UnreachableError("server_unreachable") from None
        raise UnavailableError("connection_lost") from None
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError):
        # Also what reading an answer raises: it passes requests by.
        raise UnavailableError("connection_lost") from None
    except zstandard.ZstdError:
        raise UnavailableError("bad_answer") from None


def _never_connected(error: requests.exceptions.ConnectionError) -> bool:
    """Whether the connection was not made at all: refused, no route, unknown name."""
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, urllib3.exceptions.NewConnectionError)


def body_of(answer: requests.Response) -> bytes:
    """The whole answer, unpacked; raises where it is longer than any honest one."""
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    packed = bytearray()
    for chunk in answer.raw.stream(_CHUNK, decode_content=encoding not in PACKED):
        packed += chunk
        if len(packed) > MOST_BYTES:
            answer.close()
            raise UnavailableError("bad_answer")
    if encoding not in PACKED:
        return bytes(packed)
    with zstandard.ZstdDecompressor(dict_data=PACKED[encoding]).stream_reader(bytes(packed)) as reader:
        plain = reader.read(MOST_BYTES + 1)
    if len(plain) > MOST_BYTES:
        raise UnavailableError("bad_answer")
    return plain


def check(status: int, headers: Mapping[str, str], raw: bytes) -> None:
    """Raise what a status other than 200 means; only problem details are the server's own word."""
    if status == 200:
        return
    problem = None
    if headers.get("Content-Type", "").startswith("application/problem+json"):
        try:
            problem = codec.decode(raw, Problem)
        except InvalidInputError:
            problem = None
    raise _error(status, problem, headers)


def _slot_ms(problem: Problem | None, header: str) -> int:
    """When to come again: the slot in the problem, which is finer than the header's whole seconds."""
    slot = problem.message.get("retry_after_ms") if problem is not None else None
    if isinstance(slot, int) and 0 < slot <= MOST_SLOT_MS:
        return slot
    return int(header) * 1000 if header.isdigit() else 0


def _error(status: int, problem: Problem | None, headers: Mapping[str, str]) -> GongdanError:
    wait = headers.get("Retry-After", "")
    if status in _PASSING:
        code = problem.code if problem is not None else "server_error"
        return UnavailableError(code, retry_after_ms=_slot_ms(problem, wait))
    if problem is None:
        # A captive portal, a proxy that wants a password, another server at this address.
        return UnavailableError("proxy_refused" if status == 407 else "not_our_server", status=status)
    return RefusedError(
        problem.code, **{name: value for name, value in problem.message.items() if name != "code"}
    )
