"""Stores by place on the creation page: coordinates or an address find the nearest, without a network (C02)."""

from collections.abc import Sequence

from desktop.replica.engine import Replica
from desktop.replica.queries import config
from desktop.ui.create.known import Catalogue
from desktop.ui.form.directory import Found
from desktop.ui.text import tr
from domain.rules.nearest import Near, Place, StoreMap

LEAST_WORDS = 3
"""Characters of an address from which on it is looked for."""
FOUND = 5


def load(replica: Replica, catalogue: Catalogue) -> StoreMap:
    """The stores in which the person may make tickets, by place; for a worker's thread."""
    with replica.read() as conn:
        units = {one.id: one for one in config.all_units(conn)}

    def above(id: str) -> str:
        names = []
        while (one := units.get(id)) is not None:
            names.append(one.name)
            id = one.parent
        return "".join(reversed(names))

    return StoreMap(
        Place(one.id, one.latitude, one.longitude, f"{above(one.parent)}{one.address}{one.name}")
        for one in units.values()
        if one.kind == "store" and catalogue.stores.knows_unit(one.id)
    )


def found_near(places: StoreMap | None, text: str, catalogue: Catalogue) -> Sequence[Found]:
    """Matches by place, each with how far it is, or that its address is alike."""
    if places is None or len(text.strip()) < LEAST_WORDS:
        return ()
    return [_found(one, catalogue) for one in places.find(text, FOUND)]


def _found(one: Near, catalogue: Catalogue) -> Found:
    if one.metres is None:
        detail = tr("create.by_address")
    elif one.metres < 1000:
        detail = tr("create.metres", count=round(one.metres))
    else:
        detail = tr("create.kilometres", count=f"{one.metres / 1000:.1f}")
    return Found(id=one.id, name=catalogue.stores.unit_name(one.id), detail=detail)
