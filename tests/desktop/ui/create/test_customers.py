"""The creation page and the customer's record: orders, tier, stores by order and place, with and without a network."""

from decimal import Decimal
from threading import Event

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.replica import rows
from desktop.sync.customers import Customers
from desktop.ui.create.orders import OrderCard
from desktop.ui.create.page import CreatePage
from domain.errors import UnavailableError
from domain.rules.nearest import Place, StoreMap
from domain.wire.customers import Contact, Customer, CustomerAnswer, CustomerQuery, Order, OrderItem
from tests.desktop.ui.create.conftest import Opener
from tests.desktop.ui.keys import press, write
from tests.desktop.ui.world import World

PHONE = "13911112222"
NUMBER = "N20260101-0007"
LATTE = Order(
    number=NUMBER,
    unit="HZ002",
    line="retail",
    amount_cents=3650,
    items=(OrderItem(name="拿铁", quantity=Decimal(2)),),
    ordered_at=1,
)
ZHANG = Customer(
    id="c" * 32,
    name="张女士",
    tier="gold",
    contacts=(Contact(kind="phone", value=PHONE),),
    orders=(LATTE, Order(number="D-6", unit="HZ001", line="retail", ordered_at=0)),
)


class Shop:
    """A server that knows one customer, unless its network is down."""

    def __init__(self) -> None:
        self.down = False
        self.asked: list[str] = []
        self.open = Event()
        self.open.set()

    def search_customers(self, request: CustomerQuery) -> CustomerAnswer:
        """Who has the number."""
        if self.down:
            raise UnavailableError("server_unreachable")
        self.asked.append(request.value)
        self.open.wait(5)
        found = (ZHANG,) if request.value == PHONE else ()
        return CustomerAnswer(as_of=1, customers=found)


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The server."""
    return Shop()


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory, shop: Shop):  # type: ignore[no-untyped-def]
    """A desktop of head office that may ask it."""
    made = World(tmp_path_factory.mktemp("office"), person="liuyang", unit="HQ-CS", head_office=True)
    object.__setattr__(made.session, "customers", Customers(shop, made.replica, made.clock))
    yield made
    made.stop()


def type_phone(page: CreatePage, qtbot: QtBot, number: str = PHONE) -> None:
    """Type a number and wait for what is said of it."""
    page.sheet.customer.phone.editor.setFocus()
    write(number)
    qtbot.waitUntil(lambda: page.sheet.customer.orders.isVisible() or number != PHONE)


def cards(page: CreatePage) -> list[OrderCard]:
    """The orders that are shown."""
    return [one for one in page.sheet.customer.orders.findChildren(OrderCard) if one.isVisible()]


def test_a_chosen_order_gives_store_number_and_customer(
    world: World, open_page: Opener, qtbot: QtBot
) -> None:
    """The record's name and tier come in; an order chosen by key suggests its store; all of it is in the command."""
    page = open_page()
    press(Qt.Key.Key_1)
    type_phone(page, qtbot)
    assert page.sheet.customer.name.value() == "张女士"
    assert [one.order.number for one in cards(page)] == [NUMBER, "D-6"]
    cards(page)[0].setFocus()
    press(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: page.sheet.store.value() == "HZ002")
    assert (page.sheet.store.source, page.sheet.store.settled) == ("order", False)
    draft = page.sheet.draft()
    assert (draft.customer, draft.order_no, draft.tier) == (ZHANG.id, NUMBER, "gold")
    page.sheet.store.confirm()
    page.sheet.category.chips()[0].click()
    page.sheet.matter.description.editor.insertPlainText("拿铁少了一杯")
    if page.sheet.line() == "":
        page.sheet.store.line.set_value("retail")
    assert page.sheet.matter.form is not None
    form = page.sheet.matter.form
    form.set_values({**form.kept(), "demand": "apology"})
    with qtbot.waitSignal(page.submitted, timeout=5000):
        page.submit()
    with world.replica.read() as conn:
        ticket = rows.load_ticket(conn, draft.id)
    assert ticket is not None
    assert (ticket.fields["order_no"], ticket.fields["tier"]) == (NUMBER, "gold")
    assert (ticket.customer, ticket.order_no, ticket.tier, ticket.org) == (ZHANG.id, NUMBER, "gold", "HZ002")


def test_without_a_network_what_was_told_before_is_shown_with_its_time(
    world: World, shop: Shop, open_page: Opener, qtbot: QtBot
) -> None:
    """Asked once online, then offline: the orders are there with their time; a week later they are gone."""
    page = open_page()
    press(Qt.Key.Key_1)
    type_phone(page, qtbot)
    shop.down = True
    page.begin_anew()
    press(Qt.Key.Key_1)
    type_phone(page, qtbot)
    qtbot.waitUntil(lambda: len(cards(page)) == 2)
    world.clock.at += 8 * 86_400_000
    page.begin_anew()
    press(Qt.Key.Key_1)
    type_phone(page, qtbot)
    assert cards(page) == []
    assert page.sheet.customer.orders.isVisible()


def test_another_number_is_another_customer(open_page: Opener, qtbot: QtBot) -> None:
    """Typing on forgets the record, its order, and the store that came from it."""
    page = open_page()
    press(Qt.Key.Key_1)
    type_phone(page, qtbot)
    cards(page)[0].click()
    page.sheet.customer.phone.editor.setFocus()
    press(Qt.Key.Key_Backspace)
    draft = page.sheet.draft()
    assert (draft.customer, draft.order_no, draft.tier, draft.org) == ("", "", "", "")


def _tier(page: CreatePage) -> str:
    form = page.sheet.customer.form
    assert form is not None
    return str(form.values().get("tier", ""))


def test_the_record_is_surer_than_the_last_ticket_and_nothing_than_the_person(
    world: World, shop: Shop, open_page: Opener, qtbot: QtBot
) -> None:
    """The last ticket fills in name and tier, marked; the record's come over them, over what is typed none."""
    told = {"phone": PHONE, "name": "张三"}
    world.confirmed("旧事", "104700", fields={"demand": "apology", "tier": "silver"}, personal=told)
    shop.open.clear()
    page = open_page()
    press(Qt.Key.Key_1)
    page.sheet.customer.phone.editor.setFocus()
    write(PHONE)
    name = page.sheet.customer.name
    qtbot.waitUntil(lambda: name.value() == "张三")
    assert (name.property("state"), _tier(page)) == ("suggested", "silver")
    shop.open.set()
    qtbot.waitUntil(lambda: name.value() == "张女士")
    assert _tier(page) == "gold"
    assert page.sheet.draft().suggested == {"name": "record", "tier": "record"}
    name.setFocus()
    name.selectAll()
    write("Zhang")
    assert name.property("state") == ""
    page.sheet.customer.look_up_now()
    qtbot.waitUntil(page.sheet.customer.orders.isVisible)
    page._show_caller(page._callers.caller)
    assert name.value() == "Zhang"
    page.sheet.customer.phone.editor.setFocus()
    press(Qt.Key.Key_Backspace)
    assert (name.value(), _tier(page)) == ("Zhang", "")


def test_what_is_emptied_stays_empty_and_another_form_is_filled_in(open_page: Opener, qtbot: QtBot) -> None:
    """A name taken out is not put back by a later answer; the fields of another scenario get what is known."""
    page = open_page()
    press(Qt.Key.Key_1)
    type_phone(page, qtbot)
    name = page.sheet.customer.name
    name.setFocus()
    name.selectAll()
    press(Qt.Key.Key_Delete)
    page._show_record(page._known)
    assert name.value() == ""
    other = page.sheet.template
    page.sheet.left.choose("exchange")
    page.sheet.left.chosen.emit("exchange")
    assert page.sheet.template is not other
    assert (name.value(), _tier(page)) == ("", "gold")


def test_a_place_finds_stores(open_page: Opener) -> None:
    """Coordinates typed where a store is asked for list the nearest with their distance; a name still finds by name."""
    page = open_page()
    far, near = Place("HZ001", 30.0, 120.0, "杭州西湖"), Place("HZ002", 30.01, 120.0, "杭州滨江星湖街")
    page.sheet.store.take_places(StoreMap([far, near]))
    found = page.sheet.store.store.found("30.012, 120.0")
    assert [one.id for one in found] == ["HZ002", "HZ001"]
    assert found[0].detail.startswith("222")
    assert [one.id for one in page.sheet.store.store.found("星湖街")] == ["HZ002"]
    page.sheet.store.propose_near("30.001, 120.0")
    assert (page.sheet.store.value(), page.sheet.store.source) == ("HZ001", "location")
