"""The person may have the rest of the first sync wait; their work goes on meanwhile."""

from collections.abc import Callable

from sqlalchemy import select

from desktop.commands import local
from domain.wire.commands import Command, CreateTicket, payload
from sync_server.store import tables as t
from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office


def test_the_rest_waits_while_work_goes_on(office: Office, desktop: Callable[..., Desktop]) -> None:
    """Held, no tickets of the store are filled, over a restart too; own work is sent; then everything comes."""
    content = CreateTicket(
        template="complaint", template_version=1, org="e1", line="retail", subject="of another"
    )
    office.do("max", Command(id="a" * 32, ticket_id="b" * 32, kind="create", set=payload(content)))
    amy = desktop(office.address, "amy")
    local.hold_filling(amy.replica, held=True)
    amy.settle()
    mine = amy.create("of my own")
    amy.settle()
    assert amy.subjects() == ["of my own"]
    assert office.rows(select(t.ticket.c.number).where(t.ticket.c.id == mine))
    assert amy.standing().held
    amy.close()
    amy = desktop(office.address, "amy")
    amy.settle()
    assert amy.subjects() == ["of my own"]
    local.hold_filling(amy.replica, held=False)
    amy.settle()
    assert amy.subjects() == ["of another", "of my own"]
    assert not amy.standing().held
