"""Customers over HTTP: pushed by other systems, looked up by agents, as far as their grants reach (C01, RULES §10)."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from sqlalchemy import select, update

from domain.wire import codec
from domain.wire.commands import Command, CreateTicket, payload
from domain.wire.customers import CustomerAnswer, PushTaken
from domain.wire.identity import DeviceName, SignedIn, SignIn
from sync_server.access import integrations
from sync_server.access.integrations import Integration
from sync_server.access.passwords import Passwords
from sync_server.api.throttle import Throttle
from sync_server.store import tables as t
from tests.desktop.sync.office import Office, password

PHONE = "13900001111"


@pytest.fixture
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A server over HTTP whose stores have codes."""
    made = Office(tmp_path_factory.mktemp("customers"))
    with made.services.store.write() as conn:
        conn.execute(update(t.org_unit).values(code=t.org_unit.c.id))
        hashed = Passwords(time_cost=1, memory_kib=1024).hash(password("wes"))
        conn.execute(update(t.person).where(t.person.c.id == "wes").values(password_hash=hashed))
        conn.commit()
    yield made
    made.close()


def token(office: Office, *scopes: str, unit: str = "", expires_at: int = 10**15) -> str:
    """A token of another system."""
    made = Integration(
        id=office.services.ids.new(), name="shop", scopes=scopes, unit=unit, made_at=0, expires_at=expires_at
    )
    with office.services.store.write() as conn:
        found = integrations.make(conn, made)
        conn.commit()
    return found


def sent(office: Office, path: str, body: Any, bearer: str) -> requests.Response:
    """A request with a token."""
    headers = {"Authorization": f"Bearer {bearer}"}
    return requests.post(f"{office.address}/v1/{path}", data=codec.encode(body), headers=headers, timeout=30)


def push_all(office: Office) -> None:
    """One gold customer with an order at e1 and one at w1."""
    bearer = token(office, "customers", "orders")
    contacts = {"phone": ["+86 139-0000-1111"], "wechat": ["WX_zhang"]}
    customer = {"external_id": "c1", "name": "张女士", "tier": "gold", "contacts": contacts}
    one = {"source": "shop", "customers": [customer]}
    assert codec.decode(sent(office, "customers", one, bearer).content, PushTaken).added == 1
    orders = [
        {
            "number": "E-1",
            "customer": "c1",
            "unit": "e1",
            "amount": "36.50",
            "ordered_at": 2,
            "address": "Road 1 No 2",
        },
        {"number": "W-1", "phone": PHONE, "unit": "w1", "ordered_at": 1},
        {"number": "X-1", "unit": "nowhere"},
    ]
    taken = codec.decode(
        sent(office, "orders", {"source": "shop", "orders": orders}, bearer).content, PushTaken
    )
    assert (taken.added, [(one.index, one.code) for one in taken.refused]) == (2, [(2, "cell_unknown_unit")])


def asked(office: Office, person: str, by: str, value: str) -> CustomerAnswer:
    """A look-up as a person."""
    signed = SignIn(login=person, password=password(person), device=DeviceName(name=f"till of {person}"))
    answer = requests.post(f"{office.address}/v1/sign-in", data=codec.encode(signed), timeout=30)
    session = codec.decode(answer.content, SignedIn)
    query = {"protocol": 1, "device": session.device.id, "by": by, "value": value}
    found = sent(office, "customers/search", query, session.tokens.access_token)
    assert found.status_code == 200, found.text
    return codec.decode(found.content, CustomerAnswer)


def test_pushed_again_nothing_changes_and_what_moved_is_changed(office: Office) -> None:
    """A push is idempotent by external id and order number; a corrected row replaces what was there."""
    push_all(office)
    bearer = token(office, "customers", "orders")
    again = {"external_id": "c1", "name": "张女士", "tier": "gold",
             "contacts": {"wechat": ["wx_zhang"], "phone": ["139 0000 1111"]}}  # fmt: skip
    taken = codec.decode(
        sent(office, "customers", {"source": "shop", "customers": [again]}, bearer).content, PushTaken
    )
    assert (taken.unchanged, taken.changed) == (1, 0)
    moved = {"source": "shop", "customers": [{**again, "tier": "silver"}]}
    assert codec.decode(sent(office, "customers", moved, bearer).content, PushTaken).changed == 1
    with office.services.store.read() as conn:
        assert conn.execute(select(t.audit.c.action).where(t.audit.c.action == "customers_pushed")).all()


def test_one_bad_row_spoils_nothing(office: Office) -> None:
    """Values of the wrong type, out of range or with a NUL refuse their row alone, by its place; the others are in."""
    bearer = token(office, "customers", "orders")
    customers: list[Any] = [
        {"external_id": 7},
        {"external_id": "c1"},
        {"external_id": "c2", "contacts": {"phone": ["none"]}},
        {"external_id": "c\0"},
        "c3",
    ]
    answer = sent(office, "customers", {"source": "shop", "customers": customers}, bearer)
    taken = codec.decode(answer.content, PushTaken)
    codes = [(one.index, one.code) for one in taken.refused]
    bad = "row_ill_typed"
    assert (taken.added, codes) == (1, [(0, bad), (2, "cell_phone"), (3, bad), (4, bad)])
    assert "`$.external_id`" in taken.refused[0].args["reason"]
    orders: list[Any] = [
        {"number": "1", "unit": "e1", "ordered_at": 10**30},
        {"number": "2", "unit": "e1", "customer": "c1"},
        {"number": "3", "unit": "e1", "customer": "nobody"},
    ]
    answer = sent(office, "orders", {"source": "shop", "orders": orders}, bearer)
    taken = codec.decode(answer.content, PushTaken)
    assert ([one.index for one in taken.refused], taken.added, taken.unlinked) == ([0], 2, (2,))


def test_an_agent_sees_the_orders_of_their_own_stores(office: Office) -> None:
    """Amy has the store e1: its order, not the west's; Wes the other; both find the same customer by phone."""
    push_all(office)
    (east,) = asked(office, "amy", "phone", "139-0000 1111").customers
    assert (east.name, east.tier, [one.number for one in east.orders]) == ("张女士", "gold", ["E-1"])
    assert east.orders[0].amount_cents == 3650
    (west,) = asked(office, "wes", "order", "W-1").customers
    assert [one.number for one in west.orders] == ["W-1"]
    assert asked(office, "wes", "order", "E-1").customers[0].orders == west.orders
    assert asked(office, "ben", "phone", PHONE).customers == ()
    with office.services.store.read() as conn:
        rows = conn.execute(
            select(t.audit.c.person, t.audit.c.detail).where(t.audit.c.action == "customer_searched")
        )
        told = [(row.person, east.id in row.detail, PHONE in row.detail) for row in rows]
    assert told[0] == ("amy", True, False)
    assert ("ben", False, False) in told


def test_sensitive_values_are_masked_for_who_may_not_read_them(office: Office) -> None:
    """Ben's grant at e2 lacks the sensitive class: phone and address come masked."""
    push_all(office)
    bearer = token(office, "orders")
    order = {"number": "E-2", "phone": PHONE, "unit": "e2", "address": "Long Road No 22"}
    sent(office, "orders", {"source": "shop", "orders": [order]}, bearer)
    (found,) = asked(office, "ben", "name", "张女").customers
    assert {(one.value, one.masked) for one in found.contacts if one.kind == "phone"} == {
        ("139****1111", True)
    }
    assert [one.address for one in found.orders] == ["Lon****o 22"]


@pytest.mark.parametrize(
    ("scopes", "unit", "expires_at", "code"),
    [
        (("customers",), "", 10**15, "not_allowed"),
        (("orders",), "", 1, "token_expired"),
        (("orders",), "west", 10**15, ""),
    ],
)
def test_a_token_reaches_no_further_than_it_was_made_for(
    office: Office, scopes: tuple[str, ...], unit: str, expires_at: int, code: str
) -> None:
    """Another scope, a token past its time: refused; a unit outside of its own: that row is refused."""
    bearer = token(office, *scopes, unit=unit, expires_at=expires_at)
    body = {"source": "shop", "orders": [{"number": "1", "unit": "e1"}]}
    answer = sent(office, "orders", body, bearer)
    if code:
        assert answer.json()["code"] == code
    else:
        assert [one.code for one in codec.decode(answer.content, PushTaken).refused] == ["cell_unknown_unit"]


def test_too_many_look_ups_are_put_off() -> None:
    """Beyond so many in a minute the answer says when to come again."""
    throttle = Throttle(per_minute=2, now_s=lambda: 0.0)
    throttle.take("amy")
    throttle.take("amy")
    throttle.take("ben")
    with pytest.raises(Exception, match="too_many") as refused:
        throttle.take("amy")
    assert refused.value.args_by_name == {"retry_after_s": 30}  # type: ignore[attr-defined]


def test_a_new_ticket_finds_its_customer_and_tier(office: Office) -> None:
    """By the record that was chosen, or by the phone number that was typed: customer, order and tier are kept."""
    push_all(office)
    customer = asked(office, "amy", "phone", PHONE).customers[0].id
    plain: dict[str, Any] = {
        "template": "complaint",
        "template_version": 1,
        "org": "e1",
        "line": "retail",
        "subject": "x",
    }
    chosen = CreateTicket(**plain, customer=customer, order_no="E-1")
    typed = CreateTicket(**plain, personal={"phone": "139 0000 1111"})
    wrong = CreateTicket(**plain, customer="f" * 32)
    for number, intent in enumerate((chosen, typed, wrong)):
        command = Command(
            id=f"{number:032x}", ticket_id=f"a{number:031x}", kind="create", set=payload(intent)
        )
        office.do("amy", command)
    with office.services.store.read() as conn:
        c = t.ticket.c
        rows = [tuple(row) for row in conn.execute(select(c.customer, c.order_no, c.tier).order_by(c.id))]
    assert rows == [(customer, "E-1", "gold"), (customer, None, "gold"), (None, None, "")]
    assert len(asked(office, "amy", "id", customer).customers[0].tickets) == 2
