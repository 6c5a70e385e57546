"""WeChat official accounts: template messages, with an access token that is asked for when it is needed."""

from typing import Any

from domain.entities.notices import Channel
from sync_server.channels.http import post_json
from sync_server.channels.sending import Letter, Secrets, SendError

API = "https://api.weixin.qq.com"
_TOKEN_OVER = frozenset({40001, 40014, 42001})
_LASTING = frozenset({40003, 40037, 43004, 43101, 43116, 47003})
"""No such follower, no such template, not followed, refused, wrong blanks."""
_BUSY = frozenset({-1, 45009, 45011})


class WechatSender:
    """Settings: page_url (opened by the message); secrets: app_id, app_secret."""

    def __init__(self, channel: Channel, secrets: Secrets) -> None:
        self._secrets = secrets.of(channel.id)
        self._api = (channel.url or API).rstrip("/")
        self._page = channel.settings.get("page_url", "")
        self._token = ""

    def send(self, letter: Letter) -> None:
        """Send one template message; a token that ran out is renewed once."""
        for renew in (False, True):
            code = self._sent(letter, self._access(renew=renew))
            if code == 0:
                return
            if code not in _TOKEN_OVER:
                raise SendError(f"wechat_{code}", permanent=code in _LASTING, away=code in _BUSY)
        raise SendError("sign_in", away=True)

    def _sent(self, letter: Letter, token: str) -> int:
        message: dict[str, Any] = {
            "touser": letter.to,
            "template_id": letter.code,
            "client_msg_id": letter.id,
            "data": {name: {"value": value} for name, value in letter.params},
        }
        if self._page:
            message["url"] = self._page
        answer = post_json(f"{self._api}/cgi-bin/message/template/send?access_token={token}", message)
        return int(answer.get("errcode", -1))

    def _access(self, *, renew: bool) -> str:
        if self._token and not renew:
            return self._token
        if not self._secrets.get("app_id") or not self._secrets.get("app_secret"):
            raise SendError("secret_missing", away=True)
        asked = {
            "grant_type": "client_credential",
            "appid": self._secrets["app_id"],
            "secret": self._secrets["app_secret"],
            "force_refresh": renew,
        }
        answer = post_json(f"{self._api}/cgi-bin/stable_token", asked)
        token = answer.get("access_token")
        if not isinstance(token, str):
            raise SendError(f"wechat_{answer.get('errcode', -1)}", away=True)
        self._token = token
        return token
