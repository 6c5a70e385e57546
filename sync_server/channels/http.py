"""Requests to providers: posted once, their failures told as what can be done about them."""

import json
from collections.abc import Mapping
from typing import Any

import requests

from sync_server.channels.sending import SendError

TIMEOUT_S = (5, 15)
"""To connect, and between bytes."""
_LATER = frozenset({408, 425, 429})


def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Post bytes and return the answer's; SendError says whether a later try may do better."""
    try:
        answer = requests.post(
            url, data=body, headers=dict(headers), timeout=TIMEOUT_S, allow_redirects=False
        )
    except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema):
        raise SendError("bad_url", away=True) from None
    except requests.exceptions.SSLError:
        raise SendError("certificate", away=True) from None
    except requests.exceptions.RequestException:
        raise SendError("unreachable", away=True) from None
    if 200 <= answer.status_code < 300:
        return answer.content
    raise refused(answer.status_code, answer.headers.get("Retry-After", ""))


def refused(status: int, after: str = "") -> SendError:
    """What an answer other than a yes means: for ever, not now, or not before so many seconds."""
    return SendError(
        f"http_{status}",
        permanent=300 <= status < 500 and status not in _LATER,
        away=status in (429, 502, 503, 504),
        after_s=int(after) if after.isdecimal() else None,
    )


def post_json(url: str, value: Any, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Post JSON and return the object that is answered."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    sent = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
    return answered(post(url, body=body, headers=sent))


def answered(content: bytes) -> dict[str, Any]:
    """The object in an answer."""
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise SendError("answer_unreadable")
    return found
