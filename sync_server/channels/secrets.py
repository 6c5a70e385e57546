"""The secrets of channels: from the environment or a file beside the server's secret, never from the configuration."""

import json
import re
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from domain.errors import RefusedError

SECRETS_FILE = "channel-secrets.json"
PREFIX = "GONGDAN_CHANNEL_"
_NOT_PLAIN = re.compile(r"[^A-Z0-9]+")


class ChannelSecrets:
    """`GONGDAN_CHANNEL_<ID>_<NAME>` goes before `{"id": {"name": "value"}}` in the file, read anew each time."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._file = folder / SECRETS_FILE
        self._environment = environment

    def of(self, channel: str) -> Mapping[str, str]:
        """A channel's secrets by name; refused (``channel_secrets_unreadable``) where the file is damaged."""
        prefix = f"{PREFIX}{_NOT_PLAIN.sub('_', channel.upper())}_"
        named = {
            name.removeprefix(prefix).lower(): value
            for name, value in self._environment.items()
            if name.startswith(prefix)
        }
        return {**self._read().get(channel, {}), **named}

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(id): {str(k): str(v) for k, v in one.items()} for id, one in found.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError):
            raise RefusedError("channel_secrets_unreadable", file=str(self._file)) from None

    def open_to_others(self) -> bool:
        """Whether accounts other than the server's own may read the file."""
        if sys.platform == "win32" or not self._file.exists():
            return False
        return bool(self._file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
