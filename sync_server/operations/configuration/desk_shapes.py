"""What the files of rosters and equipment may hold: when people work, what stands in the stores (RULES §7, C04)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.entities.base import Instant
from domain.entities.equipment import EquipmentModel
from domain.entities.forms import Option
from domain.entities.routing import Roster
from domain.entities.ticket import Priority
from domain.entities.urging import Urging
from domain.errors import InvalidInputError
from domain.rules.open_time import instant_of, local
from domain.rules.zones import zone
from sync_server.operations.configuration.notation import read_length, write_length
from sync_server.operations.configuration.shapes import Shape

Span = tuple[Instant, Instant]
ZONE = "Asia/Shanghai"
SHORTEST_LEVEL_S = 60
"""A ladder of shorter levels would be climbed, or automatic urging repeated, with each sweep."""


class RosterShape(Shape):
    """rosters.json: login → skills, capacity, and when the person is there; stays on the server."""

    skills: tuple[str, ...] = ()
    capacity: int | None = None
    weights: dict[Priority, int] = {}
    calendar: str = ""
    shifts: tuple[str, ...] = ()  # "2026-02-01 09:00 / 2026-02-01 18:00"
    away: tuple[str, ...] = ()  # "2026-02-01 / 2026-02-07": both days
    timezone: str = ZONE


class EquipmentShape(Shape):
    """equipment.json: id → a model of equipment; fault codes with what they mean."""

    name: str
    maker: str = ""
    group: str = ""
    faults: dict[str, str] = {}


class UrgingShape(Shape):
    """urging.json: id → how tickets of a line are urged; without a line those of all others."""

    line: str = ""
    cooldown: str = "15 minutes"
    daily_cap: int = 6
    level: str = "2 hours"  # of working time
    calendar: str = ""  # empty: that of the ticket's SLA policy
    automatic: bool = False


def build_urging(id: str, shape: UrgingShape) -> Urging:
    """How a line's tickets are urged; raise InvalidInputError for lengths that can't be."""
    if shape.daily_cap < 0:
        raise InvalidInputError("config_roster_negative", number=shape.daily_cap)
    if read_length(shape.level) < SHORTEST_LEVEL_S:
        raise InvalidInputError("config_urging_level", level=shape.level)
    return Urging(
        id=id,
        line=shape.line,
        cooldown_s=read_length(shape.cooldown),
        daily_cap=shape.daily_cap,
        level_s=read_length(shape.level),
        calendar=shape.calendar,
        automatic=shape.automatic,
    )


def urging_file(urging: Urging) -> UrgingShape:
    """The reverse of `build_urging`; a length equal to the default is left out."""
    usual = UrgingShape()
    cooldown, level = write_length(urging.cooldown_s), write_length(urging.level_s)
    return UrgingShape(
        line=urging.line,
        cooldown=usual.cooldown if cooldown == usual.cooldown else cooldown,
        daily_cap=urging.daily_cap,
        level=usual.level if level == usual.level else level,
        calendar=urging.calendar,
        automatic=urging.automatic,
    )


def build_roster(person: str, shape: RosterShape) -> Roster:
    """A person's roster; raise InvalidInputError for hours that can't be."""
    place = zone(shape.timezone)
    for number in (shape.capacity or 0, *shape.weights.values()):
        if number < 0:
            raise InvalidInputError("config_roster_negative", number=number)
    return Roster(
        id=person,
        skills=shape.skills,
        capacity=shape.capacity,
        weights={str(priority): weight for priority, weight in shape.weights.items()},
        calendar=shape.calendar,
        shifts=tuple(sorted(_span(text, place) for text in shape.shifts)),
        away=tuple(sorted(_span(text, place) for text in shape.away)),
        zone=shape.timezone,
    )


def roster_file(roster: Roster) -> RosterShape:
    """The reverse of `build_roster`."""
    place = zone(roster.zone)
    return RosterShape(
        skills=roster.skills,
        capacity=roster.capacity,
        weights=dict(roster.weights),  # type: ignore[arg-type]
        calendar=roster.calendar,
        shifts=tuple(_written(one, place) for one in roster.shifts),
        away=tuple(_written(one, place) for one in roster.away),
        timezone=ZONE if roster.zone == ZONE else roster.zone,  # the default itself is left out
    )


def build_equipment(id: str, shape: EquipmentShape) -> EquipmentModel:
    """A model with its fault codes."""
    faults = tuple(Option(value=code, label=label) for code, label in shape.faults.items())
    return EquipmentModel(id=id, name=shape.name, maker=shape.maker, group=shape.group, faults=faults)


def equipment_file(model: EquipmentModel) -> EquipmentShape:
    """The reverse of `build_equipment`."""
    faults = {one.value: one.label for one in model.faults}
    return EquipmentShape(name=model.name, maker=model.maker, group=model.group, faults=faults)


def _span(text: str, place: ZoneInfo) -> Span:
    first, separator, last = (part.strip() for part in text.partition("/"))
    try:
        begin, end = datetime.fromisoformat(first), datetime.fromisoformat(last)
    except ValueError:
        raise InvalidInputError("config_span", text=text) from None
    if len(last) == len("2026-02-01"):
        end += timedelta(days=1)
    if not separator or end <= begin or begin.tzinfo or end.tzinfo:
        raise InvalidInputError("config_span", text=text)
    return instant_of(begin.replace(tzinfo=place)), instant_of(end.replace(tzinfo=place))


def _written(span: Span, place: ZoneInfo) -> str:
    begin, end = (local(place, at) for at in span)
    whole = (begin.hour, begin.minute, end.hour, end.minute) == (0, 0, 0, 0)
    if whole:
        return f"{begin:%Y-%m-%d} / {end - timedelta(days=1):%Y-%m-%d}"
    return f"{begin:%Y-%m-%d %H:%M} / {end:%Y-%m-%d %H:%M}"
