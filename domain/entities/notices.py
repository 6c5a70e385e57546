"""How people and customers are told: channels, templates, and rules of who is told what by which channel (RULES §9)."""

from collections.abc import Mapping
from typing import Literal

from domain.entities.base import Entity
from domain.entities.calendars import Period
from domain.entities.conditions import Conditions

ChannelKind = Literal[
    "smtp",
    "apprise",
    "webhook",
    "aliyun_sms",
    "aliyun_voice",
    "tencent_sms",
    "tencent_voice",
    "wechat_official",
]
ContactKind = Literal["email", "phone", "wecom", "dingtalk", "feishu", "wechat", ""]
"""By what a channel reaches a person; empty: by nothing of theirs, as a group's robot."""
Event = Literal[
    "created",
    "assigned",
    "transferred",
    "returned",
    "taken",
    "message",
    "replied",
    "status",
    "resolved",
    "closed",
    "reopened",
    "cc",
    "urged",
    "merged",
    "soon",
    "late",
]
Role = Literal["assignee", "creator", "cc", "superior", "team", "lead", "customer", "group"]
"""Parts in a ticket; `customer` is told of their own matter, `group` is whoever a channel itself reaches."""
Language = Literal["zh", "en"]

REACHES: Mapping[ChannelKind, ContactKind] = {
    "smtp": "email",
    "apprise": "",
    "webhook": "",
    "aliyun_sms": "phone",
    "aliyun_voice": "phone",
    "tencent_sms": "phone",
    "tencent_voice": "phone",
    "wechat_official": "wechat",
}
DAY_S = 86_400


class Quiet(Entity):
    """When a channel is to be silent: minutes of seven local days, Monday first."""

    weekly: tuple[tuple[Period, ...], ...] = ((),) * 7


class Channel(Entity):
    """A way out of the house. Secrets are never here: `{name}` in the URL is filled in by the server."""

    id: str
    name: str = ""
    kind: ChannelKind
    reaches: ContactKind = ""
    url: str = ""
    settings: Mapping[str, str] = {}
    language: Language = "zh"
    zone: str = "Asia/Shanghai"
    quiet: Quiet = Quiet()
    per_minute: int = 0  # 0: as many as there are
    give_up_s: int = DAY_S  # after so long a message is news to nobody


class NoticeText(Entity):
    """What is said in one language."""

    subject: str = ""
    body: str


class Variant(Entity):
    """What one channel says instead; `code` and `params` name a text that the provider has approved."""

    texts: Mapping[str, NoticeText] = {}  # by language
    code: str = ""
    params: tuple[str, ...] = ()  # placeholders, in the provider's order


class NoticeTemplate(Entity):
    """A message with placeholders, in both languages, and what single channels say instead."""

    id: str
    name: str = ""
    texts: Mapping[str, NoticeText] = {}  # by language
    variants: Mapping[str, Variant] = {}  # by channel


class NoticeRule(Entity):
    """Who is told of which events by which channels; every rule that holds applies."""

    id: str
    name: str = ""
    position: int = 0
    events: tuple[Event, ...]
    conditions: Conditions = Conditions()
    roles: tuple[Role, ...] = ()
    people: tuple[str, ...] = ()
    channels: tuple[str, ...]
    template: str
    urgent: bool = False  # goes out in quiet hours, too
    oldest_s: int = DAY_S  # nobody is told of what was done longer ago
