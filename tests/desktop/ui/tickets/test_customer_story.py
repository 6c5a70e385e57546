"""What was between a customer and us: what the server tells among what is here, each once, newest first."""

from desktop.replica.queries.customers import StoryLine
from desktop.ui.tickets.customer_story import lines_of
from domain.wire.customers import Customer, CustomerTicket, Order


def test_orders_tickets_and_messages_are_one_list() -> None:
    """A ticket that both know leads to the one here; what only the server knows is told; the order is marked."""
    here = [
        StoryLine(kind="message", at=30, ticket="t1", number="1", words="到哪了\n", status="open"),
        StoryLine(kind="ticket", at=20, ticket="t1", number="1", words="配送", status="open"),
    ]
    told = [
        CustomerTicket(id="t1", number="1", subject="配送", status="open", org="u", created_at=20),
        CustomerTicket(id="t2", number="2", subject="发霉", status="closed", org="u", created_at=5),
    ]
    customer = Customer(id="c", orders=(Order(number="D", unit="u", ordered_at=25),), tickets=tuple(told))
    lines = lines_of(here, customer, "D", lambda id: f"店 {id}")
    assert [(one.kind, one.ticket) for one in lines] == [
        ("message", "t1"),
        ("order", ""),
        ("ticket", "t1"),
        ("ticket", ""),
    ]
    assert lines[0].words == "到哪了"
    assert (lines[1].marked, lines[1].words) == (True, "店 u")
