"""What robots of WeCom, DingTalk and Feishu refuse in an answer of 200, which apprise takes for a yes."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sync_server.channels.http import answered
from sync_server.channels.sending import SendError

_ROBOTS = frozenset({"wecombot", "dingtalk", "feishu", "lark"})
_CODES = ("errcode", "code", "StatusCode")
_BUSY = frozenset({-1, 45009, 45033, 130101, 410100, 11232})
"""Too many messages in a minute, or the provider itself is busy; everything else is wrong tomorrow, too."""

_heard = threading.local()


class _Overheard:
    """The library `requests` as a plug-in calls it; keeps the last answer for the thread that asked."""

    def __init__(self, requests: Any) -> None:
        self._requests = requests

    def __getattr__(self, name: str) -> Any:
        return getattr(self._requests, name)

    def post(self, *args: Any, **kwargs: Any) -> Any:
        """Post as ever."""
        _heard.answer = answer = self._requests.post(*args, **kwargs)
        return answer


@contextmanager
def overheard(service: Any) -> Iterator[None]:
    """Raise SendError (`robot_CODE`) where a robot's answer of 200 holds a refusal."""
    module: Any = sys.modules[type(service).__module__]
    if module.__name__.rpartition(".")[2] not in _ROBOTS:
        yield
        return
    if not isinstance(module.requests, _Overheard):
        module.requests = _Overheard(module.requests)
    _heard.answer = None
    yield
    answer, _heard.answer = _heard.answer, None
    if answer is None or answer.status_code != 200:
        return
    said = answered(answer.content)
    code = next((said[name] for name in _CODES if isinstance(said.get(name), int) and said[name]), 0)
    if code:
        raise SendError(f"robot_{code}", permanent=code not in _BUSY, away=code in _BUSY)
