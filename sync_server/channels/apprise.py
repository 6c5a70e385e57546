"""WeCom, DingTalk, Feishu, gateways for text messages and the like, through the library apprise."""

import logging
import re

from domain.entities.notices import Channel
from sync_server.channels.filling import filled_url
from sync_server.channels.http import refused
from sync_server.channels.robots import overheard
from sync_server.channels.sending import Letter, Secrets, SendError

_STATUS = re.compile(r"\berror=(\d{3})\b")


class _Ear(logging.Handler):
    """Hears the status of the answer in what apprise would log; keeps nothing else of it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.status = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Take the number out of a record."""
        found = _STATUS.search(record.getMessage())
        if found is not None:
            self.status = int(found[1])


class AppriseSender:
    """The channel's URL is apprise's, with `{name}` for its secrets and `{to}` for who is told."""

    def __init__(self, channel: Channel, secrets: Secrets) -> None:
        self._channel, self._secrets = channel, secrets.of(channel.id)

    def send(self, letter: Letter) -> None:
        """Hand one message over; apprise tells its reason to its log alone, and without one it is tried again."""
        from apprise import Apprise, AppriseAsset, NotifyType  # takes its time, and only where it is used

        # It logs addresses, tokens and texts.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        url = filled_url(self._channel.url, self._secrets, to=letter.to)
        # One service, asked on this thread: the library's own way keeps threads for ever.
        service = Apprise.instantiate(url, asset=AppriseAsset(app_id="Gongdan", secure_logging=True))
        if service is None:
            raise SendError("bad_url", away=True)
        ear = _Ear()
        service.logger = logging.Logger("apprise", logging.WARNING)  # noqa: LOG001 - of this letter alone
        service.logger.addHandler(ear)
        with overheard(service):
            taken = service.notify(title=letter.subject, body=letter.body, notify_type=NotifyType.INFO)
        if not taken:
            raise refused(ear.status) if ear.status else SendError("refused")
