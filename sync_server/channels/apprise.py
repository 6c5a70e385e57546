"""WeCom, DingTalk, Feishu, gateways for text messages and the like, through the library apprise."""

import logging

from domain.entities.notices import Channel
from sync_server.channels.filling import filled_url
from sync_server.channels.sending import Letter, Secrets, SendError


class AppriseSender:
    """The channel's URL is apprise's, with `{name}` for its secrets and `{to}` for who is told."""

    def __init__(self, channel: Channel, secrets: Secrets) -> None:
        self._channel, self._secrets = channel, secrets.of(channel.id)

    def send(self, letter: Letter) -> None:
        """Hand one message over; apprise tells no reason, so what failed is tried again."""
        from apprise import Apprise, AppriseAsset, NotifyType  # takes its time, and only where it is used

        # It logs addresses, tokens and texts.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        url = filled_url(self._channel.url, self._secrets, to=letter.to)
        # One service, asked on this thread: the library's own way keeps threads for ever.
        service = Apprise.instantiate(url, asset=AppriseAsset(app_id="Gongdan", secure_logging=True))
        if service is None:
            raise SendError("bad_url", away=True)
        if not service.notify(title=letter.subject, body=letter.body, notify_type=NotifyType.INFO):
            raise SendError("refused")
