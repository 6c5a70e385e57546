"""Channels, notice templates and notice rules as files: building, checking, exporting (RULES §9)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from domain.entities.calendars import Period
from domain.entities.conditions import Conditions
from domain.entities.notices import (
    REACHES,
    Channel,
    ChannelKind,
    Language,
    NoticeRule,
    NoticeTemplate,
    NoticeText,
    Quiet,
    Variant,
)
from domain.errors import InvalidInputError
from domain.rules.calendar_text import WEEKDAYS
from domain.rules.notice_text import CUSTOMER_PLACEHOLDERS, PLACEHOLDERS, named_in, text_for
from domain.rules.zones import zone_names
from sync_server.operations.configuration import notation
from sync_server.operations.configuration.notice_shapes import (
    ChannelShape,
    NoticeRuleShape,
    NoticeTemplateShape,
    TextShape,
)
from sync_server.operations.configuration.reading import Problems
from sync_server.operations.configuration.shapes import Shape, When

CHANNELS, TEMPLATES, RULES = "channels", "notice_templates", "notice_rules"
DAILY = "daily"
NEEDED: Mapping[ChannelKind, tuple[str, ...]] = {
    "smtp": ("host", "from"),
    "apprise": (),
    "webhook": (),
    "aliyun_sms": ("sign_name",),
    "aliyun_voice": ("show_number",),
    "tencent_sms": ("app_id", "sign_name"),
    "tencent_voice": ("app_id",),
    "wechat_official": (),
}
"""The settings without which a channel can't work."""
OPTIONAL = frozenset({"port", "security", "reply_to", "region", "page_url"})
SECURITIES = frozenset({"starttls", "ssl", "none"})
CODED = frozenset({"aliyun_sms", "aliyun_voice", "tencent_sms", "tencent_voice", "wechat_official"})
"""Channels that send only texts their provider has approved: each template needs its code there."""


def build_channel(id: str, shape: ChannelShape) -> Channel:
    """A channel; InvalidInputError where a setting is missing, unknown, or holds what is a secret."""
    needed = NEEDED[shape.kind]
    for name in needed:
        if not shape.settings.get(name):
            raise InvalidInputError("config_channel_setting", setting=name, kind=shape.kind)
    for name in shape.settings:
        if name not in needed and name not in OPTIONAL:
            raise InvalidInputError(
                "config_channel_unknown_setting", setting=name, known=", ".join(sorted({*needed, *OPTIONAL}))
            )
    if shape.settings.get("security", "starttls") not in SECURITIES:
        raise InvalidInputError(
            "config_channel_value", setting="security", known=", ".join(sorted(SECURITIES))
        )
    if not shape.settings.get("port", "1").isdecimal():
        raise InvalidInputError("config_channel_value", setting="port", known="1-65535")
    _check_url(shape)
    if shape.timezone not in zone_names():
        raise InvalidInputError("unknown_zone", zone=shape.timezone)
    return Channel(
        id=id,
        name=shape.name,
        kind=shape.kind,
        reaches=REACHES[shape.kind] if shape.reaches is None else shape.reaches,
        url=shape.url,
        settings=shape.settings,
        language=shape.language,
        zone=shape.timezone,
        quiet=_quiet(shape.quiet),
        per_minute=shape.per_minute,
        give_up_s=notation.read_length(shape.give_up_after),
    )


def _check_url(shape: ChannelShape) -> None:
    if shape.kind in ("apprise", "webhook") and not shape.url:
        raise InvalidInputError("config_channel_setting", setting="url", kind=shape.kind)
    if shape.kind == "apprise":
        # What an apprise URL holds before its path is mostly a token: only `{name}` may stand there.
        address = shape.url.partition("://")[2].split("/")[0]
        before = address.rpartition("@")[0]
        if any(part and not _is_blank(part) for part in before.split(":")):
            raise InvalidInputError("config_channel_secret")
    elif urlsplit(shape.url).password:
        raise InvalidInputError("config_channel_secret")


def _is_blank(text: str) -> bool:
    return text.startswith("{") and text.endswith("}")


def _quiet(written: Mapping[str, tuple[str, ...]]) -> Quiet:
    days: list[list[Period]] = [[] for _ in WEEKDAYS]
    for name, periods in written.items():
        if name != DAILY and name not in WEEKDAYS:
            raise InvalidInputError("config_weekday", day=name, known=", ".join((DAILY, *WEEKDAYS)))
        for index in range(7) if name == DAILY else (WEEKDAYS.index(name),):
            for text in periods:
                today, tomorrow = notation.read_period(text)
                days[index].append(today)
                if tomorrow is not None:
                    days[(index + 1) % 7].append(tomorrow)
    return Quiet(weekly=tuple(tuple(sorted(set(periods))) for periods in days))


def build_template(id: str, shape: NoticeTemplateShape) -> NoticeTemplate:
    """A template; InvalidInputError names a placeholder that nothing fills in."""
    template = NoticeTemplate(
        id=id,
        name=shape.name,
        texts=_texts(shape.texts),
        variants={
            channel: Variant(texts=_texts(one.texts), code=one.code, params=one.params)
            for channel, one in shape.variants.items()
        },
    )
    unknown = sorted(named_in(template) - PLACEHOLDERS)
    if unknown:
        raise InvalidInputError(
            "config_placeholder", placeholder=unknown[0], known=", ".join(sorted(PLACEHOLDERS))
        )
    return template


def _texts(shapes: Mapping[Language, TextShape]) -> dict[str, NoticeText]:
    return {language: NoticeText(subject=one.subject, body=one.body) for language, one in shapes.items()}


def build_rule(
    id: str, shape: NoticeRuleShape, at: int, *, people: tuple[str, ...], when: Conditions
) -> NoticeRule:
    """A rule with the ids of the people and the conditions it names."""
    return NoticeRule(
        id=id,
        name=shape.name,
        position=at,
        events=shape.events,
        conditions=when,
        roles=shape.roles,
        people=people,
        channels=shape.channels,
        template=shape.template,
        urgent=shape.urgent,
        oldest_s=notation.read_length(shape.oldest),
    )


def check_notices(
    channels: Mapping[str, Channel],
    templates: Mapping[str, NoticeTemplate],
    rules: Mapping[str, NoticeRule],
    problems: Problems,
) -> None:
    """Find rules whose channel or template is not there, or that would tell a customer what is the desk's."""
    for id, template in templates.items():
        for channel in template.variants:
            if channel not in channels:
                problems.add(f"{TEMPLATES}.json", f"{id}.variants", "config_unknown_channel", channel=channel)
    for id, rule in rules.items():
        for channel in rule.channels:
            if channel != "app" and channel not in channels:
                problems.add(f"{RULES}.json", f"{id}.channels", "config_unknown_channel", channel=channel)
        known = templates.get(rule.template)
        if known is None:
            problems.add(f"{RULES}.json", id, "config_unknown_notice_template", template=rule.template)
        else:
            _check_rule(rule, known, channels, problems)


def _check_rule(
    rule: NoticeRule, template: NoticeTemplate, channels: Mapping[str, Channel], problems: Problems
) -> None:
    place = f"{RULES}.json"
    secret = sorted(named_in(template) - CUSTOMER_PLACEHOLDERS)
    if "customer" in rule.roles and secret:
        problems.add(
            place, rule.id, "config_customer_placeholder", placeholder=secret[0], template=template.id
        )
    for id in rule.channels:
        channel = channels.get(id)
        if channel is None:
            continue
        coded = channel.kind in CODED
        variant = template.variants.get(id, Variant())
        if (coded and not variant.code) or text_for(template, id, channel.language) is None:
            problems.add(place, rule.id, "config_notice_code", template=template.id, channel=id)


def channel_file(channel: Channel) -> dict[str, Any]:
    """A channel as its file says it."""
    quiet = {
        name: tuple(notation.write_period(period) for period in periods)
        for name, periods in zip(WEEKDAYS, channel.quiet.weekly, strict=True)
        if periods
    }
    if len(quiet) == len(WEEKDAYS) and len(set(quiet.values())) == 1:
        quiet = {DAILY: next(iter(quiet.values()))}
    shape = ChannelShape(
        name=channel.name,
        kind=channel.kind,
        reaches=None if channel.reaches == REACHES[channel.kind] else channel.reaches,
        url=channel.url,
        settings=dict(channel.settings),
        language=channel.language,
        timezone=channel.zone,
        quiet=quiet,
        per_minute=channel.per_minute,
        give_up_after=notation.write_length(channel.give_up_s),
    )
    return _plain(shape)


def template_file(template: NoticeTemplate) -> dict[str, Any]:
    """A template as its file says it."""
    found: dict[str, Any] = {**msgspec.to_builtins(template), "name": template.name}
    found.pop("id")
    return found if template.name else {name: value for name, value in found.items() if name != "name"}


def rule_file(rule: NoticeRule, *, people: tuple[str, ...], when: When) -> dict[str, Any]:
    """A rule as its file says it, people by their logins."""
    shape = NoticeRuleShape(
        name=rule.name,
        events=rule.events,
        when=when,
        roles=rule.roles,
        people=people,
        channels=rule.channels,
        template=rule.template,
        urgent=rule.urgent,
        oldest=notation.write_length(rule.oldest_s),
    )
    return _plain(shape)


def _plain(shape: Shape) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(shape)
    for field in msgspec.structs.fields(shape):
        # A text that was put together is not the very default, only equal to it.
        if getattr(shape, field.name) == field.default:
            found.pop(field.encode_name, None)
    return found
