"""What of a ticket leaves the server for whom."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.entities.configuration import Configuration
from domain.entities.org import OrgUnit
from domain.entities.people import Grant
from domain.entities.ticket import Ticket
from sync_server.access.viewer import Viewer
from sync_server.feed.projection import shown_classes
from sync_server.store.organisation import Tree
from sync_server.store.rows import TICKET_COLUMNS, ticket_values
from tests.sync_server.access.random_chain import GRANT
from tests.sync_server.chain import UNITS

TREE = Tree(1, [(OrgUnit(id=id, parent=parent, name=id, kind="store"), 0, 0) for id, parent in UNITS.items()])

PEOPLE = st.sampled_from(["amy", "ben", None])
TICKETS = st.builds(
    Ticket,
    id=st.uuids().map(lambda one: one.hex),
    template=st.just("complaint"),
    template_version=st.just(1),
    org=st.sampled_from(list(UNITS)),
    line=st.sampled_from(["retail", "delivery"]),
    creator=PEOPLE,
    assignee=PEOPLE,
    cc=st.sampled_from([(), ("amy",), ("ben",), ("amy", "ben")]),
)


@settings(max_examples=300)
@given(ticket=TICKETS, grants=st.lists(GRANT, max_size=3, unique_by=lambda one: one.id))
def test_classes_by_columns_are_the_classes_of_the_rule(ticket: Ticket, grants: list[Grant]) -> None:
    """Judging a ticket by its columns shows exactly the classes that the one predicate gives."""
    viewer = Viewer(
        person="amy", grants=tuple(grants), grants_version=1, tree=TREE, configuration=Configuration()
    )
    values = ticket_values(ticket)
    columns = [values[name] for name in TICKET_COLUMNS]
    assert shown_classes(viewer, columns) == viewer.access(ticket).classes
    assert msgspec.json.decode(values["cc"], type=tuple[str, ...]) == ticket.cc
