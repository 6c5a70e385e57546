"""Robots and gateways through apprise: the real library against a local server."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.wecombot import NotifyWeComBot

from domain.entities.notices import Channel
from sync_server.channels.apprise import AppriseSender
from sync_server.channels.sending import Letter, SendError
from tests.sync_server.channels.provider import Provider, provider

# Apprise looks for its optional plugins, and these for modules that are on their way out.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

LETTER = Letter(id="c" * 32, to="user 1", subject="工单 100001", body="门店：收银机坏了", ticket="t1")
KEY = "11111111-2222-4333-8444-555555555555"


class Given:
    """The token of a robot."""

    def of(self, channel: str) -> Mapping[str, str]:
        return {"key": KEY, "token": "a" * 64, "secret": "SEC" + "b" * 32}


@pytest.fixture
def there() -> Iterator[Provider]:
    """A provider whose answer all robots take for a yes."""
    with provider() as made:
        made.answer = lambda asked: (200, {"errcode": 0, "code": 0, "StatusCode": 0})
        yield made


@pytest.mark.parametrize(
    ("url", "plugin"),
    [
        ("wecombot://{key}", NotifyWeComBot),
        ("dingtalk://{secret}@{token}/", NotifyDingTalk),
        ("feishu://{token}", NotifyFeishu),
    ],
    ids=["wecom", "dingtalk", "feishu"],
)
def test_a_robot_gets_the_words_under_its_token(
    url: str, plugin: Any, there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The configuration names no secret; the request bears it, and the words arrive whole."""
    token = plugin.notify_url.partition("{")[2]
    monkeypatch.setattr(plugin, "notify_url", there.url + "robot?token={" + token.rstrip("/"))
    AppriseSender(Channel(id="robot", kind="apprise", url=url), Given()).send(LETTER)
    asked = there.last
    assert asked.query["token"].strip("/") in (KEY, "a" * 64)
    text = str(asked.json())
    assert "工单 100001" in text
    assert "收银机坏了" in text


def test_a_gateway_is_reached_by_any_url_apprise_knows(there: Provider) -> None:
    """Whom it is for stands in the URL, quoted; a lasting refusal is told; a URL that is none stops the channel."""
    host = there.url.removeprefix("http://").rstrip("/")
    gateway = Channel(id="gate", kind="apprise", reaches="wecom", url=f"json://{host}/to/{{to}}")
    AppriseSender(gateway, Given()).send(LETTER)
    assert there.last.path.rstrip("/") == "/to/user%201"
    assert there.last.json()["message"] == LETTER.body
    for status, permanent, away in (
        (500, False, False),
        (401, True, False),
        (404, True, False),
        (429, False, True),
    ):
        there.answer = lambda asked, status=status: (status, {})  # type: ignore[misc]
        with pytest.raises(SendError) as refused:
            AppriseSender(gateway, Given()).send(LETTER)
        found = refused.value
        assert (found.code, found.permanent, found.away) == (f"http_{status}", permanent, away)
    with pytest.raises(SendError) as wrong:
        AppriseSender(Channel(id="gate", kind="apprise", url="nothing://x"), Given()).send(LETTER)
    assert (wrong.value.code, wrong.value.away) == ("bad_url", True)


@pytest.mark.parametrize(
    ("url", "plugin"),
    [("wecombot://{key}", NotifyWeComBot), ("dingtalk://{secret}@{token}/", NotifyDingTalk)],
)
def test_a_robot_that_is_gone_is_not_asked_again(
    url: str, plugin: Any, there: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong token is refused for ever; the reason is the status, without any text."""
    token = plugin.notify_url.partition("{")[2]
    monkeypatch.setattr(plugin, "notify_url", there.url + "robot?token={" + token.rstrip("/"))
    there.answer = lambda asked: (403, {})
    with pytest.raises(SendError) as refused:
        AppriseSender(Channel(id="robot", kind="apprise", url=url), Given()).send(LETTER)
    assert (refused.value.code, refused.value.permanent) == ("http_403", True)


@pytest.mark.parametrize(
    ("url", "plugin", "answer", "permanent"),
    [
        ("wecombot://{key}", NotifyWeComBot, {"errcode": 93000, "errmsg": "invalid webhook url"}, True),
        ("wecombot://{key}", NotifyWeComBot, {"errcode": 45009}, False),
        ("dingtalk://{secret}@{token}/", NotifyDingTalk, {"errcode": 310000}, True),
        ("feishu://{token}", NotifyFeishu, {"code": 19021, "msg": "sign match fail"}, True),
    ],
)
def test_a_robot_that_says_no_with_a_200_has_not_sent(
    url: str,
    plugin: Any,
    answer: dict[str, Any],
    permanent: bool,
    there: Provider,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The number in the answer decides: a wrong key or signature is refused for good, too many are put off."""
    token = plugin.notify_url.partition("{")[2]
    monkeypatch.setattr(plugin, "notify_url", there.url + "robot?token={" + token.rstrip("/"))
    there.answer = lambda asked: (200, answer)
    with pytest.raises(SendError) as refused:
        AppriseSender(Channel(id="robot", kind="apprise", url=url), Given()).send(LETTER)
    code = answer.get("errcode") or answer["code"]
    found = refused.value
    assert (found.code, found.permanent, found.away) == (f"robot_{code}", permanent, not permanent)
    there.answer = lambda asked: (200, {"errcode": 0, "code": 0, "StatusCode": 0})
    AppriseSender(Channel(id="robot", kind="apprise", url=url), Given()).send(LETTER)
