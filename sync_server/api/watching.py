"""What watches a store: the hub of pokes, which reads beside the handlers, and the meters."""

from collections.abc import Mapping, Sequence

from domain.rules.calendar_years import missing_years
from domain.rules.permissions import grant_classes
from sync_server.access.viewer import load_grants
from sync_server.api.admission import Gate, Kind
from sync_server.api.aside import Aside, Together
from sync_server.api.meters import Meters
from sync_server.api.poke import Grants, Look, PokeHub
from sync_server.clock import Clock
from sync_server.feed.touches import touches_since
from sync_server.settings import Settings
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.organisation import TreeCache
from sync_server.store.standing import standing


def make_hub(store: Store, trees: TreeCache, aside: Aside, settings: Settings) -> PokeHub:
    """A hub that watches the store's feed."""

    def read(seq: int) -> Look:
        with store.read() as conn:
            return (*touches_since(conn, seq), trees.current(conn).ancestors)

    def grants(people: Sequence[str]) -> list[Grants]:
        with store.read() as conn:
            return [
                frozenset((one.unit, one.line) for one in load_grants(conn, person) if grant_classes(one))
                for person in people
            ]

    looked_up: Together[str, Grants] = Together(aside, grants)

    async def read_aside(seq: int) -> Look:
        return await aside.run(lambda: read(seq))

    return PokeHub(
        read=read_aside,
        grants_of=looked_up.ask,
        gap_s=settings.poke_gap_ms / 1000,
        keep_alive_s=settings.poke_keep_alive_s,
    )


def make_meters(
    store: Store, hub: PokeHub, gates: Mapping[Kind, Gate], clock: Clock, configurations: ConfigurationCache
) -> Meters:
    """Meters that look at the store each time they are read."""

    def stands() -> dict[str, float]:
        with store.read() as conn:
            missing = missing_years(configurations.current(conn).calendars.values(), clock.now())
            return standing(conn, clock.now()) | {"calendars_without_year": float(len(missing))}

    return Meters(hub=hub, gates=gates, pool=store.connections_in_use, standing=stands)
