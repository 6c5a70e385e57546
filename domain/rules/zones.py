"""Time zones read from the pinned tzdata package, so that no machine's own files decide a deadline."""

from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from domain.errors import InvalidInputError


@cache
def zone_names() -> frozenset[str]:
    """Every IANA zone of the pinned release."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


@cache
def zone(name: str) -> ZoneInfo:
    """The zone of that IANA name; raise InvalidInputError where there is none."""
    if name not in zone_names():
        raise InvalidInputError("unknown_zone", zone=name)
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as source:
        return ZoneInfo.from_file(source, key=name)
