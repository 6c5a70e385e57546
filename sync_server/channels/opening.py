"""Which sender a channel's kind has."""

from collections.abc import Callable, Mapping

from domain.entities.notices import Channel, ChannelKind
from sync_server.channels.aliyun import AliyunSender
from sync_server.channels.apprise import AppriseSender
from sync_server.channels.sending import Secrets, Sender
from sync_server.channels.smtp import SmtpSender
from sync_server.channels.tencent import TencentSender
from sync_server.channels.webhook import WebhookSender
from sync_server.channels.wechat_official import WechatSender

_SENDERS: Mapping[ChannelKind, Callable[[Channel, Secrets], Sender]] = {
    "smtp": SmtpSender,
    "apprise": AppriseSender,
    "webhook": WebhookSender,
    "aliyun_sms": AliyunSender,
    "aliyun_voice": AliyunSender,
    "tencent_sms": TencentSender,
    "tencent_voice": TencentSender,
    "wechat_official": WechatSender,
}


def sender(channel: Channel, secrets: Secrets) -> Sender:
    """What sends over a channel; nothing is connected yet."""
    return _SENDERS[channel.kind](channel, secrets)
