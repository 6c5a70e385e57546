"""Tencent Cloud: text messages and calls, signed with TC3-HMAC-SHA256."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from domain.entities.base import Instant
from domain.entities.notices import Channel
from domain.rules.phone_numbers import e164
from sync_server.channels.http import answered, post
from sync_server.channels.sending import Letter, Secrets, SendError

JSON = "application/json; charset=utf-8"
_LASTING = (
    "FailedOperation.PhoneNumberInBlacklist",
    "InvalidParameterValue",
    "FailedOperation.TemplateIncorrect",
)
_BUSY = ("LimitExceeded", "RequestLimitExceeded", "InternalError", "ResourceUnavailable")


class TencentSender:
    """Settings: app_id, sign_name (text messages), region; secrets: secret_id, secret_key."""

    def __init__(self, channel: Channel, secrets: Secrets) -> None:
        self._voice = channel.kind == "tencent_voice"
        self._settings, self._secrets = channel.settings, secrets.of(channel.id)
        service = "vms" if self._voice else "sms"
        self._url = channel.url or f"https://{service}.tencentcloudapi.com/"

    def send(self, letter: Letter) -> None:
        """Send one text message, or have one call made."""
        if not self._secrets.get("secret_id") or not self._secrets.get("secret_key"):
            raise SendError("secret_missing", away=True)
        number = e164(letter.to)
        if not number:
            raise SendError("bad_address", permanent=True)
        answer = self._ask(
            self._call(letter, number) if self._voice else self._text(letter, number), letter.at
        )
        for status in (*answer.get("SendStatusSet", ()), answer.get("SendStatus", {"Code": "Ok"})):
            if str(status.get("Code")).lower() != "ok":
                raise _failed(str(status.get("Code")))

    def _text(self, letter: Letter, number: str) -> dict[str, Any]:
        return {
            "PhoneNumberSet": [number],
            "SmsSdkAppId": self._settings["app_id"],
            "SignName": self._settings.get("sign_name", ""),
            "TemplateId": letter.code,
            "TemplateParamSet": [value for _, value in letter.params],
            "SessionContext": letter.id,
        }

    def _call(self, letter: Letter, number: str) -> dict[str, Any]:
        return {
            "TemplateId": letter.code,
            "CalledNumber": number,
            "VoiceSdkAppid": self._settings["app_id"],
            "TemplateParamSet": [value for _, value in letter.params],
            "PlayTimes": 2,
            "SessionContext": letter.id,
        }

    def _ask(self, payload: Mapping[str, Any], at: Instant) -> dict[str, Any]:
        body = json.dumps(payload, ensure_ascii=False).encode()
        action, version = ("SendTtsVoice", "2020-09-02") if self._voice else ("SendSms", "2021-01-11")
        host = urlsplit(self._url).netloc
        signed = authorization(
            self._secrets["secret_id"],
            self._secrets["secret_key"],
            service="vms" if self._voice else "sms",
            host=host,
            body=body,
            at_s=at // 1000,
        )
        headers = {
            "Authorization": signed,
            "Content-Type": JSON,
            "Host": host,
            "X-TC-Action": action,
            "X-TC-Version": version,
            "X-TC-Timestamp": str(at // 1000),
            "X-TC-Region": self._settings.get("region") or "ap-guangzhou",
        }
        answer: dict[str, Any] = answered(post(self._url, body=body, headers=headers)).get("Response", {})
        if "Error" in answer:
            raise _failed(str(answer["Error"].get("Code")))
        return answer


def _failed(code: str) -> SendError:
    """A code of theirs as ours; what is wrong with our account or settings concerns every message."""
    return SendError(
        f"tencent_{code}",
        permanent=code.startswith(_LASTING),
        away=code.startswith(("AuthFailure", "UnauthorizedOperation", *_BUSY)),
    )


def authorization(secret_id: str, secret_key: str, *, service: str, host: str, body: bytes, at_s: int) -> str:
    """The header `Authorization` of a POST of JSON (TC3-HMAC-SHA256; content-type and host are signed)."""
    day = datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d")
    hashed = hashlib.sha256(body).hexdigest()
    names = "content-type;host"
    request = f"POST\n/\n\ncontent-type:{JSON}\nhost:{host}\n\n{names}\n{hashed}"
    scope = f"{day}/{service}/tc3_request"
    to_sign = f"TC3-HMAC-SHA256\n{at_s}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"TC3{secret_key}".encode()
    for part in (day, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    return f"TC3-HMAC-SHA256 Credential={secret_id}/{scope}, SignedHeaders={names}, Signature={signature}"
