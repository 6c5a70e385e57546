"""The organisation: units in a tree, business lines, teams."""

from domain.entities.base import Entity


class OrgUnit(Entity):
    """A store, city, province or department; `parent` is empty at the root."""

    id: str
    parent: str = ""
    name: str
    kind: str = "store"  # company, region, province, city, store, department
    code: str = ""
    pinyin: str = ""
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""


class BusinessLine(Entity):
    """A line of business (retail, delivery, online); grants and policies are made for each."""

    id: str
    name: str


class Team(Entity):
    """People of one unit who share a queue."""

    id: str
    name: str
    unit: str
    members: tuple[str, ...] = ()
    lead: str = ""
