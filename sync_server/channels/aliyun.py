"""Aliyun: text messages and calls, signed with ACS3-HMAC-SHA256."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from domain.entities.notices import Channel
from domain.rules.phone_numbers import national
from sync_server.channels.http import answered, post
from sync_server.channels.sending import Letter, Secrets, SendError

_LASTING = (
    "isv.MOBILE_NUMBER_ILLEGAL",
    "isv.MOBILE_COUNT_OVER_LIMIT",
    "isv.BLACK_KEY_CONTROL_LIMIT",
    "isv.TEMPLATE_MISSING_PARAMETERS",
    "isv.INVALID_PARAMETERS",
    "isv.SMS_TEMPLATE_ILLEGAL",
    "isv.TTS_TEMPLATE_ILLEGAL",
)
_EMPTY = hashlib.sha256(b"").hexdigest()


class AliyunSender:
    """Settings: sign_name (text messages) or show_number (calls); secrets: key_id, key_secret."""

    def __init__(self, channel: Channel, secrets: Secrets) -> None:
        self._voice = channel.kind == "aliyun_voice"
        self._settings, self._secrets = channel.settings, secrets.of(channel.id)
        self._url = channel.url or f"https://{'dyvmsapi' if self._voice else 'dysmsapi'}.aliyuncs.com/"

    def send(self, letter: Letter) -> None:
        """Send one text message, or have one call made."""
        if not self._secrets.get("key_id") or not self._secrets.get("key_secret"):
            raise SendError("secret_missing", away=True)
        number = national(letter.to)
        if not number:
            raise SendError("bad_address", permanent=True)
        params = json.dumps(dict(letter.params), ensure_ascii=False)
        if self._voice:
            asked = {"CalledShowNumber": self._settings["show_number"], "CalledNumber": number}
            asked |= {"TtsCode": letter.code, "TtsParam": params}
        else:
            asked = {"PhoneNumbers": number, "SignName": self._settings["sign_name"]}
            asked |= {"TemplateCode": letter.code, "TemplateParam": params}
        code = str(self._ask({**asked, "OutId": letter.id[:15]}, letter).get("Code"))
        if code != "OK":
            raise SendError(
                f"aliyun_{code}", permanent=code in _LASTING, away=code in ("isv.AMOUNT_NOT_ENOUGH",)
            )

    def _ask(self, query: Mapping[str, str], letter: Letter) -> dict[str, Any]:
        parts = urlsplit(self._url)
        headers = {
            "host": parts.netloc,
            "x-acs-action": "SingleCallByTts" if self._voice else "SendSms",
            "x-acs-content-sha256": _EMPTY,
            "x-acs-date": datetime.fromtimestamp(letter.at // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": hashlib.sha256(f"{letter.id} {letter.at}".encode()).hexdigest()[:32],
            "x-acs-version": "2017-05-25",
        }
        signed = authorization(self._secrets["key_id"], self._secrets["key_secret"], query, headers)
        url = f"{parts.scheme}://{parts.netloc}/?{canonical_query(query)}"
        return answered(post(url, body=b"", headers={**headers, "Authorization": signed}))


def canonical_query(query: Mapping[str, str]) -> str:
    """The parameters in order, encoded by RFC 3986."""
    return "&".join(f"{quote(name, safe='~')}={quote(query[name], safe='~')}" for name in sorted(query))


def authorization(
    key_id: str,
    key_secret: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    body_hash: str = _EMPTY,
) -> str:
    """The header `Authorization` of a POST whose parameters stand in its query; every header given is signed."""
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    request = f"POST\n/\n{canonical_query(query)}\n{lines}\n{names}\n{body_hash}"
    to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(key_secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"
