"""Addresses with blanks: `{name}` is a secret of the channel, `{to}` whoever is told."""

import re
from collections.abc import Mapping
from urllib.parse import quote

from sync_server.channels.sending import SendError

_BLANK = re.compile(r"\{([a-z_]+)\}")


def filled_url(url: str, secrets: Mapping[str, str], *, to: str = "") -> str:
    """The URL with its blanks filled in, quoted; SendError ``secret_missing`` where one is not known."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name == "to":
            return quote(to, safe="")
        if name not in secrets:
            raise SendError("secret_missing", away=True)
        return quote(secrets[name], safe="")

    return _BLANK.sub(value, url)
