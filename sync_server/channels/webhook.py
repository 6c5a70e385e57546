"""Webhooks: JSON with a time stamp, signed so that the receiver knows it is ours and new."""

import hashlib
import hmac
import json

from domain.entities.notices import Channel
from sync_server.channels.filling import filled_url
from sync_server.channels.http import post
from sync_server.channels.sending import Letter, Secrets, SendError

TIMESTAMP, SIGNATURE, KEY = "X-Gongdan-Timestamp", "X-Gongdan-Signature", "Idempotency-Key"


class WebhookSender:
    """Secrets: secret, and what the URL names."""

    def __init__(self, channel: Channel, secrets: Secrets) -> None:
        self._channel, self._secrets = channel, secrets.of(channel.id)

    def send(self, letter: Letter) -> None:
        """Post one message; any answer of 2xx is a receipt."""
        secret = self._secrets.get("secret")
        if not secret:
            raise SendError("secret_missing", away=True)
        said = {
            "id": letter.id,
            "ticket": letter.ticket,
            "number": letter.number,
            "to": letter.to,
            "subject": letter.subject,
            "body": letter.body,
        }
        body = json.dumps(said, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            TIMESTAMP: str(letter.at),
            SIGNATURE: signature(secret, letter.at, body),
            KEY: letter.id,
        }
        post(filled_url(self._channel.url, self._secrets, to=letter.to), body=body, headers=headers)


def signature(secret: str, at: int, body: bytes) -> str:
    """`v1=` and the hex HMAC-SHA256 over the time stamp, a dot and the body."""
    return f"v1={hmac.new(secret.encode(), f'{at}.'.encode() + body, hashlib.sha256).hexdigest()}"
