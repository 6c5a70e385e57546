"""What the files of channels, notice templates and notice rules may hold (RULES §9)."""

from domain.entities.notices import ChannelKind, ContactKind, Event, Language, Role
from sync_server.operations.configuration.shapes import Shape, When


class ChannelShape(Shape):
    """channels.json: id → a way out of the house; secrets stand in the server's own file, never here."""

    name: str = ""
    kind: ChannelKind
    reaches: ContactKind | None = None  # none: what the kind reaches
    url: str = ""
    settings: dict[str, str] = {}
    language: Language = "zh"
    timezone: str = "Asia/Shanghai"
    quiet: dict[str, tuple[str, ...]] = {}  # "daily" or a weekday → ["21:00-08:00"]
    per_minute: int = 0
    give_up_after: str = "24 hours"


class TextShape(Shape):
    """One language's words."""

    subject: str = ""
    body: str


class VariantShape(Shape):
    """What one channel says instead."""

    texts: dict[Language, TextShape] = {}
    code: str = ""
    params: tuple[str, ...] = ()


class NoticeTemplateShape(Shape):
    """notice_templates.json: id → a message with {placeholders}, by language."""

    name: str = ""
    texts: dict[Language, TextShape]
    variants: dict[str, VariantShape] = {}


class NoticeRuleShape(Shape):
    """notice_rules.json: id → which events are told to whom by which channels."""

    name: str = ""
    events: tuple[Event, ...]
    when: When = When()
    roles: tuple[Role, ...] = ()
    people: tuple[str, ...] = ()
    channels: tuple[str, ...]
    template: str
    urgent: bool = False
    oldest: str = "24 hours"
