"""What our own adapters send is what the providers' documentation says, signature and all."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from domain.entities.notices import Channel
from sync_server.channels import aliyun, tencent
from sync_server.channels.opening import sender
from sync_server.channels.sending import Letter, SendError
from tests.sync_server.channels.provider import Asked, Provider, provider

LETTER = Letter(
    id="a" * 32,
    to="138 0013-8000",
    subject="工单 100001",
    body="已受理",
    code="SMS_1",
    params=(("number", "100001"), ("status", "处理中")),
    ticket="t1",
    number="100001",
    at=1_795_000_000_123,
)
SECRETS = {
    "webhook": {"secret": "s3", "path": "a b"},
    "aliyun_sms": {"key_id": "kid", "key_secret": "ks"},
    "aliyun_voice": {"key_id": "kid", "key_secret": "ks"},
    "tencent_sms": {"secret_id": "sid", "secret_key": "sk"},
    "tencent_voice": {"secret_id": "sid", "secret_key": "sk"},
    "wechat_official": {"app_id": "wx1", "app_secret": "ws"},
}


class Given:
    """The secrets of the table above, by the channel's kind, which is also its id here."""

    def of(self, channel: str) -> Mapping[str, str]:
        return SECRETS.get(channel, {})


@pytest.fixture
def there() -> Iterator[Provider]:
    """A provider that says yes to everything."""
    with provider() as made:
        yield made


def channel(kind: Any, there: Provider, **settings: str) -> Channel:
    """A channel to the provider; its id is its kind."""
    return Channel(id=kind, kind=kind, url=there.url, settings=settings)


def failure(of: Channel, letter: Letter = LETTER) -> SendError:
    """How sending fails."""
    with pytest.raises(SendError) as caught:
        sender(of, Given()).send(letter)
    return caught.value


def test_aliyun_signs_as_its_documentation_does() -> None:
    """The example of the documentation (ACS3-HMAC-SHA256, RunInstances) gives its signature."""
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = {
        "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
        "RegionId": "cn-shanghai",
    }
    signed = aliyun.authorization("YourAccessKeyId", "YourAccessKeySecret", query, headers)
    assert signed.endswith("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")


def test_tencent_signs_as_its_documentation_does() -> None:
    """The example of the documentation (TC3-HMAC-SHA256, DescribeInstances) gives its signature."""
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    signed = tencent.authorization(
        "AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******",
        "Gu5t9xGARNpq86cd98joQYCN3*******",
        service="cvm",
        host="cvm.tencentcloudapi.com",
        body=body,
        at_s=1551113065,
    )
    assert signed == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host, "
        "Signature=2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c"
    )


@pytest.mark.parametrize("kind", ["aliyun_sms", "aliyun_voice"])
def test_aliyun_is_asked_with_a_signature_over_what_arrives(kind: str, there: Provider) -> None:
    """Number, text and blanks arrive; the signature holds for the request as the provider sees it."""
    there.answer = lambda asked: (200, {"Code": "OK"})
    sender(channel(kind, there, sign_name="店", show_number="0571"), Given()).send(LETTER)
    asked = there.last
    signed = asked.headers["authorization"]
    names = signed.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    again = aliyun.authorization("kid", "ks", asked.query, {name: asked.headers[name] for name in names})
    assert signed == again
    voice = kind == "aliyun_voice"
    assert asked.headers["x-acs-action"] == ("SingleCallByTts" if voice else "SendSms")
    assert asked.query["CalledNumber" if voice else "PhoneNumbers"] == "13800138000"
    assert json.loads(asked.query["TtsParam" if voice else "TemplateParam"]) == dict(LETTER.params)


@pytest.mark.parametrize("kind", ["tencent_sms", "tencent_voice"])
def test_tencent_is_asked_with_a_signature_over_what_arrives(kind: str, there: Provider) -> None:
    """Number, text and blanks arrive; the signature holds for the body as the provider sees it."""
    there.answer = lambda asked: (200, {"Response": {"SendStatusSet": [{"Code": "Ok"}]}})
    sender(channel(kind, there, app_id="14", sign_name="店"), Given()).send(LETTER)
    asked, voice = there.last, kind == "tencent_voice"
    again = tencent.authorization(
        "sid",
        "sk",
        service="vms" if voice else "sms",
        host=asked.headers["host"],
        body=asked.body,
        at_s=int(asked.headers["x-tc-timestamp"]),
    )
    assert asked.headers["authorization"] == again
    assert asked.headers["x-tc-action"] == ("SendTtsVoice" if voice else "SendSms")
    said = asked.json()
    assert said["CalledNumber"] if voice else said["PhoneNumberSet"] == ["+8613800138000"]
    assert said["TemplateParamSet"] == ["100001", "处理中"]
    assert said["SessionContext"] == LETTER.id


def test_providers_say_what_is_for_good_and_what_may_pass(there: Provider) -> None:
    """A wrong number is never tried again; a wrong key or a full account stops the channel, not the message."""
    there.answer = lambda asked: (200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL"})
    sms = channel("aliyun_sms", there, sign_name="店")
    assert failure(sms).permanent
    assert failure(sms, replace(LETTER, to="no number")).code == "bad_address"
    there.answer = lambda asked: (200, {"Code": "isv.AMOUNT_NOT_ENOUGH"})
    assert (failure(sms).away, failure(sms).permanent) == (True, False)
    there.answer = lambda asked: (200, {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure"}}})
    assert failure(channel("tencent_sms", there, app_id="1", sign_name="店")).away
    there.answer = lambda asked: (429, {})
    busy = failure(sms)
    assert (busy.away, busy.after_s, busy.permanent) == (True, 90, False)


def test_wechat_renews_a_token_that_ran_out_once(there: Provider) -> None:
    """The first token is refused, the renewed one sends; the message carries an id that the provider knows again."""

    def answer(asked: Asked) -> tuple[int, Any]:
        if asked.path == "/cgi-bin/stable_token":
            assert (asked.json()["appid"], asked.json()["secret"]) == ("wx1", "ws")
            return 200, {"access_token": "new" if asked.json()["force_refresh"] else "old"}
        return 200, {"errcode": 0 if asked.query["access_token"] == "new" else 42001}

    there.answer = answer
    account = sender(channel("wechat_official", there), Given())
    account.send(replace(LETTER, to="openid"))
    account.send(replace(LETTER, to="openid"))
    assert len(there.asked) == 5  # token, refused, token, sent; then sent at once
    said = there.last.json()
    assert (said["touser"], said["client_msg_id"]) == ("openid", LETTER.id)
    assert said["data"]["number"] == {"value": "100001"}
    there.answer = lambda asked: (200, {"errcode": 43004, "access_token": "t"})
    assert failure(channel("wechat_official", there)).permanent


def test_a_webhook_can_be_checked_by_whoever_gets_it(there: Provider) -> None:
    """The HMAC over time stamp and body holds, the key names the message, blanks of the URL are filled in."""
    hook = channel("webhook", there)
    sender(replace(hook, url=f"{there.url}in/{{path}}"), Given()).send(LETTER)
    asked = there.last
    stamp = asked.headers["x-gongdan-timestamp"]
    expected = hmac.new(b"s3", f"{stamp}.".encode() + asked.body, hashlib.sha256).hexdigest()
    assert asked.headers["x-gongdan-signature"] == f"v1={expected}"
    assert asked.headers["idempotency-key"] == LETTER.id
    assert asked.path == "/in/a%20b"
    assert asked.json()["body"] == "已受理"
    there.answer = lambda asked: (410, {})
    assert failure(hook).permanent
    there.answer = lambda asked: (503, {})
    assert failure(hook).away
    there.answer = lambda asked: (302, {})
    assert failure(hook).permanent  # where it would be sent on to is nobody we know


def test_what_is_not_there_is_away_for_everybody() -> None:
    """Nobody listens: the channel is away, the message waits."""
    with provider() as gone:
        hook = channel("webhook", gone)
    error = failure(hook)
    assert (error.code, error.away, error.permanent) == ("unreachable", True, False)
