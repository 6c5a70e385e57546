"""The small chain of the real tier: four stores under two regions, three people, and what they may be granted."""

from sqlalchemy import insert

from domain.entities.conditions import Condition, Conditions
from domain.entities.forms import FormField, Template
from domain.entities.org import OrgUnit
from domain.entities.people import Grant
from domain.entities.routing import RoutingRule
from domain.entities.sla import Policy, Target
from domain.wire import codec
from domain.wire.commands import Command, CreateTicket, Reply, payload
from domain.wire.intent import Intent
from sync_server.push.pipeline import Pusher
from sync_server.store import tables as t
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store
from sync_server.store.organisation import TreeCache
from sync_server.store.organisation_writer import write_units
from sync_server.store.people_writer import Account, write_grants, write_people
from sync_server.store.unit_of_work import UnitOfWork
from tests.simulation.real.stand_ins import CountedIds, Time

STORES = ("e1", "e2", "w1", "w2")
PARENTS = {"hq": "", "east": "hq", "west": "hq", "e1": "east", "e2": "east", "w1": "west", "w2": "west"}
LINES = ("retail", "wholesale")
PEOPLE = ("amy", "ben", "eva")
DEVICE_OF = (0, 0, 1, 2)
"""The person of each desktop: the first two are one person's."""


def _grant(unit: str, level: int, classes: int, line: str = "") -> Grant:
    return Grant(id="", role="agent", unit=unit, line=line, level=level, classes=classes)


GRANTS: tuple[tuple[Grant, ...], ...] = (
    (_grant("e1", 3, 7),),
    (_grant("east", 3, 3),),
    (_grant("hq", 4, 7),),
    (_grant("e2", 3, 7), _grant("west", 1, 1)),
    (_grant("west", 1, 3),),
    (_grant("e1", 3, 7, "retail"), _grant("hq", 1, 1)),
    (_grant("w1", 3, 3), _grant("w2", 1, 7, "wholesale")),
    (),
)

FORM = Template(
    id="complaint",
    version=1,
    name="Complaint",
    category_required_at="never",
    fields=(
        FormField(key="phone", label="Phone", kind="phone", personal=True, field_class="sensitive"),
        FormField(key="aisle", label="Aisle", kind="text"),
    ),
)
POLICY = Policy(id="standard", targets={"normal": {"first_response": Target(n=30, unit="minute")}})
ROUTE = RoutingRule(
    id="to-desk",
    name="Complaints that come by phone go to eva",
    conditions=Conditions(all=(Condition(field="channel", op="is", value="routed"),)),
    assignee="eva",
)


def found(store: Store) -> None:
    """Write the chain into an empty database."""
    time, ids = Time(), CountedIds()
    with store.write() as conn:
        conn.execute(t.feed_head.update().values(epoch="epoch"))
        conn.execute(t.counter.update().where(t.counter.c.name == "config").values(value=1))
        work = UnitOfWork(conn, nonces=ids, at=time.now())
        write_units(
            work, [OrgUnit(id=id, parent=parent, name=id, kind="store") for id, parent in PARENTS.items()]
        )
        write_people(work, [Account(id=one, login=one, name=one, unit="hq") for one in PEOPLE])
        for one in PEOPLE:
            write_grants(work, ids, one, GRANTS[2])
        rows = [
            {
                "kind": kind,
                "id": one.id,
                "version": 1,
                "deleted": False,
                "audience": audience,
                "body": codec.encode(one).decode(),
                "at": 0,
                "person": None,
            }
            for kind, one, audience in (
                ("template", FORM, "everyone"),
                ("policy", POLICY, "everyone"),
                ("routing", ROUTE, "server"),
            )
        ]
        conn.execute(insert(t.config), rows)
        devices = [
            {
                "id": f"pc{index}",
                "person": PEOPLE[person],
                "name": "",
                "code": f"PC{index}",
                "registered_at": 0,
                "seen_at": 0,
                "push_no": 0,
                "push_hash": "",
                "revoked": False,
            }
            for index, person in enumerate(DEVICE_OF)
        ]
        conn.execute(insert(t.device), devices)
        work.commit()
    _first_tickets(store, time, ids)


def _first_tickets(store: Store, time: Time, ids: CountedIds) -> None:
    """A ticket at each store, one of another line, with an answer, a note and a phone number."""
    pusher = Pusher(store, trees=TreeCache(), configurations=ConfigurationCache(), clock=time, ids=ids)
    for number, (org, line) in enumerate([*((one, LINES[0]) for one in STORES), (STORES[0], LINES[1])]):
        ticket, word = ids.new(), f"zq90{number}x"
        create = CreateTicket(
            template="complaint",
            template_version=1,
            org=org,
            line=line,
            subject=f"Till {word}",
            personal={"phone": f"1370000000{number}"},
        )
        intents: tuple[tuple[str, Intent], ...] = (
            ("create", create),
            ("reply", Reply(body=f"Answer {word}")),
            ("reply", Reply(body=f"Note {word}", internal=True)),
        )
        for kind, intent in intents:
            command = Command(id=ids.new(), ticket_id=ticket, kind=kind, set=payload(intent), at=time.now())
            pusher.submit([command])
