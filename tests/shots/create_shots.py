"""Pictures of new ticket, needs attention, reminders: python -m tests.shots.create_shots OUT [NAME…]."""

import sys
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import msgspec
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.commands import hand_over
from desktop.sync.customers import Customers
from desktop.ui.attention.page import AttentionPage
from desktop.ui.attention.refusal_card import RefusalCard
from desktop.ui.create.orders import OrderCard
from desktop.ui.create.page import CreatePage
from desktop.ui.main.navigation import ATTENTION
from desktop.ui.reminders.desk import ReminderDesk
from desktop.ui.reminders.inbox import Inbox
from domain.entities.notices import NoticeTemplate, NoticeText
from domain.errors import UnavailableError
from domain.wire.commands import TransferTicket
from domain.wire.customers import Contact, Customer, CustomerAnswer, CustomerQuery, Order, OrderItem
from domain.wire.sync import ConfigRow, Notice
from tests.desktop.ui.world import World
from tests.shots.every import every
from tests.shots.main_shots import SMALL, ticket
from tests.shots.stage import Stage, settle

MINUTE = 60_000
PHONE = "13800002716"
WORDS = "客户反映今天在望潮路店购买的草莓礼盒，开箱见三颗发霉，要求全额退款并说明原因。"
MINE = "退款 19.9 元，补发一份新日期牛奶，并赠 10 元券"
THEIRS = "退款 19.9 元，请客户拍照标签后补发一份新日期牛奶"


def picture(window: QWidget) -> QPixmap:
    """The window with what stands over it: pop-overs, menus, the reminder."""
    made = window.grab()
    origin = window.mapToGlobal(QPoint(0, 0))
    painter = QPainter(made)
    for above in QApplication.topLevelWidgets():
        kinds = (Qt.WindowType.Popup, Qt.WindowType.Tool)
        if above is not window and above.isVisible() and above.windowType() in kinds:
            painter.drawPixmap(above.mapToGlobal(QPoint(0, 0)) - origin, above.grab())
    painter.end()
    return made


def _delete_what_is_left() -> None:
    """Outside of an event loop nothing is deleted by itself, and the next language would still reach it."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _customer(stage: Stage) -> None:
    """A customer who called before: a ticket that is solved, and one that is open."""
    world = stage.world
    old = world.confirmed("优惠券满减未生效，差价 35 元", "104640", category="coupon", org="HZ002")
    world.receive(world.put(old, rev=2, status="resolved", resolved_at=world.clock.at))
    world.clock.at += 40 * MINUTE
    world.confirmed("草莓礼盒开箱发霉，要求全额退款", "104862", org="HZ001")
    world.clock.at += 10 * MINUTE


def open_page(stage: Stage) -> CreatePage:
    """The page of a new ticket, ready to be written on."""
    stage.window.front.open_create()
    settle(0.8)
    page = stage.window.findChild(CreatePage)
    assert isinstance(page, CreatePage)
    return page


class Shop:
    """A server that knows the caller, or has no network."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.down = False

    def search_customers(self, request: CustomerQuery) -> CustomerAnswer:
        """The caller's record."""
        if self.down:
            raise UnavailableError("server_unreachable")
        day, now = 86_400_000, self._world.clock.at
        orders = tuple(
            Order(
                number=f"N202611{20 - n:02}-552{n}",
                unit=unit,
                line="retail",
                status=status,
                amount_cents=cents,
                items=(OrderItem(name=name, quantity=Decimal(count)),),
                ordered_at=now - n * day - 3_600_000,
            )
            for n, (unit, status, cents, name, count) in enumerate(
                [
                    ("HZ001", "已送达", 8900, "奶油草莓礼盒", 1),
                    ("HZ002", "已完成", 3650, "燕麦拿铁", 2),
                    ("HZ001", "已完成", 12800, "海苔肉松小贝", 4),
                ]
            )
        )
        who = Customer(
            id="c" * 32,
            name="林女士",
            tier="金卡",
            contacts=(Contact(kind="phone", value=request.value),),
            orders=orders,
        )
        return CustomerAnswer(as_of=now, customers=(who,))


def create_customer(stage: Stage) -> CreatePage:
    """04: the caller's record, an order chosen, its store suggested."""
    _customer(stage)
    object.__setattr__(
        stage.session, "customers", Customers(Shop(stage.world), stage.world.replica, stage.world.clock)
    )
    page = open_page(stage)
    page.sheet.customer.phone.editor.setFocus()
    QTest.keyClicks(page.sheet.customer.phone.editor, PHONE)
    settle(1.2)
    page.sheet.customer.orders.findChildren(OrderCard)[0].click()
    settle()
    return page


def create_customer_offline(stage: Stage) -> None:
    """04: nobody to ask."""
    shop = Shop(stage.world)
    shop.down = True
    object.__setattr__(stage.session, "customers", Customers(shop, stage.world.replica, stage.world.clock))
    page = open_page(stage)
    page.sheet.customer.phone.editor.setFocus()
    QTest.keyClicks(page.sheet.customer.phone.editor, PHONE)
    settle(1.2)


def ticket_customer(stage: Stage) -> None:
    """03: a ticket with the customer's record, orders and messages beside it."""
    object.__setattr__(
        stage.session, "customers", Customers(Shop(stage.world), stage.world.replica, stage.world.clock)
    )
    _customer(stage)
    ticket(stage)
    settle(1.5)


def create_fresh(stage: Stage) -> None:
    """04, before anything is written."""
    open_page(stage)


def create_filled(stage: Stage) -> CreatePage:
    """04: a complaint of a known customer, nearly complete, submitting tried."""
    _customer(stage)
    page = open_page(stage)
    sheet = page.sheet
    sheet.customer.phone.editor.setFocus()
    QTest.keyClicks(sheet.customer.phone.editor, PHONE)
    sheet.matter.description.editor.setFocus()
    sheet.matter.description.editor.insertPlainText(WORDS)
    sheet.category.chips()[0].click()
    assert sheet.matter.form is not None
    sheet.matter.form.set_values({"demand": "refund", "amount": 89, "product": "奶油草莓礼盒"})
    settle(0.8)
    page.submit()
    settle()
    return page


def create_categories(stage: Stage) -> None:
    """The category tree, searched by initials."""
    page = open_page(stage)
    page.sheet.category.open_chooser()
    settle()
    focused = QApplication.focusWidget()
    if focused is not None:
        QTest.keyClicks(focused, "tk")
    settle()


def create_store(stage: Stage) -> None:
    """The store, typed by its initials."""
    page = open_page(stage)
    page.sheet.store.change()
    QTest.keyClicks(page.sheet.store.store, "h")
    settle()


def create_restored(stage: Stage) -> None:
    """The draft of a program that ended under it."""
    page = open_page(stage)
    page.sheet.matter.description.editor.setFocus()
    page.sheet.matter.description.editor.insertPlainText(WORDS)
    settle(0.8)
    stage.window.front.open_ticket(stage.ids["strawberries"])
    page.deleteLater()
    stage.window.front._create = None
    _delete_what_is_left()
    stage.world.clock.at += 5 * MINUTE
    open_page(stage)


def create_drafts(stage: Stage) -> None:
    """The drafts that were left."""
    page = create_filled(stage)
    page.begin_anew()
    settle()
    page.sheet.head.drafts.click()
    settle()


def create_narrow(stage: Stage) -> None:
    """1040 wide: the help opens beside the page."""
    stage.window.resize(1040, 768)
    settle()
    page = create_filled(stage)
    page.sheet.open_modules()
    settle()


def _troubles(stage: Stage) -> AttentionPage:
    world = stage.world
    moved = world.confirmed("供应商送货少三件，需要理赔单号", "104836")
    world.clock.at += 10 * MINUTE
    target = TransferTicket(org="HQ-FI", note="送货单 11-19 少三件，司机已签字，请财务出理赔单号。")
    hand_over.transfer(world.runner, [moved], to=target)
    world.judge(status="rejected", code="not_allowed", message={"kind": "transfer"})
    world.conflict("积分兑换的保温杯一直未发货", "104826", {"priority": "high"}, {"priority": "low"})
    world.ticket("酸奶临期未打折", description="客户在冷柜发现 6 盒酸奶明天到期，没有打折标。")
    error = {"key": "amount", "code": "field_required", "args": {"label": "涉及金额"}}
    world.judge(status="rejected", code="form_invalid", message={"errors": [error]})
    mine = {"priority": "high", "fields.measure": MINE}
    theirs = {"priority": "urgent", "fields.measure": THEIRS}
    world.conflict("牛奶临期未标示，购买后次日过期", "104847", mine, theirs)
    world.clock.at += MINUTE
    return _attention(stage)


def _attention(stage: Stage) -> AttentionPage:
    stage.window.lists.go(ATTENTION)
    settle(0.8)
    page = stage.window.findChild(AttentionPage)
    assert isinstance(page, AttentionPage)
    return page


def attention(stage: Stage) -> None:
    """06: a conflict in front, a refusal below it."""
    page = _troubles(stage)
    card = page.card()
    assert card is not None
    card.choose("fields.measure", "mine")  # type: ignore[attr-defined]  # a ConflictCard
    settle()


def attention_edit(stage: Stage) -> None:
    """A refused ticket, its content open for editing."""
    page = _troubles(stage)
    page.list.choose(1)
    settle()
    card = page.card()
    assert isinstance(card, RefusalCard)
    card.edit()
    settle()


def attention_discard(stage: Stage) -> None:
    """Discarding asks first."""
    page = _troubles(stage)
    page.list.choose(3)
    settle()
    card = page.card()
    assert isinstance(card, RefusalCard)
    card.ask()
    settle()


def attention_empty(stage: Stage) -> None:
    """Nothing needs attention."""
    _attention(stage)


def _desk(stage: Stage) -> ReminderDesk:
    settle()
    desk = stage.window.findChild(ReminderDesk)
    assert isinstance(desk, ReminderDesk)
    return desk


def reminder(stage: Stage) -> None:
    """07: two reminders in one pop-up over the list."""
    world, ticket = stage.world, stage.ids["strawberries"]
    desk = _desk(stage)
    world.session.reminders.remind(ticket, due_at=world.clock.at, words="问望潮路店同批次的核查结果")
    world.reminders.check()
    settle()
    desk.show_open()
    area = stage.window.geometry()
    desk.card.show_at(area)
    settle()


def inbox(stage: Stage) -> None:
    """The inbox under the bell, a rule's own words in it."""
    zh = NoticeText(subject="金卡客户的 {number} 快超时了", body="{subject}")
    en = NoticeText(subject="{number} of a gold customer is nearly late", body="{subject}")
    made = NoticeTemplate(id="gold", texts={"zh": zh, "en": en})
    row = ConfigRow(kind="notice_template", id="gold", version=1, body=msgspec.Raw(msgspec.json.encode(made)))
    stage.world.configure(row)
    at = stage.world.clock.now()
    stage.world.notices(Notice(id="rule", ticket=stage.ids["strawberries"], kind="gold", at=at))
    stage.world.notices(Notice(id="urge", ticket=stage.ids["weekend"], kind="urged", at=at - 2 * MINUTE))
    popover = Inbox(stage.session, stage.window.top.bell)
    popover.open()
    settle()


def remind_me(stage: Stage) -> None:
    """Remind me, with one set already."""
    ticket = stage.ids["strawberries"]
    stage.choose("strawberries")
    due_at = stage.world.clock.at + 95 * MINUTE
    stage.session.reminders.remind(ticket, due_at=due_at, words="催望潮路店")
    stage.window.actions_.press("remind")
    settle()


def tray_menu(stage: Stage) -> None:
    """07b: the menu of the tray."""
    desk = _desk(stage)
    desk.tray.set_count(3)
    desk.tray.fill_menu()
    corner = stage.window.mapToGlobal(stage.window.rect().bottomRight())
    desk.tray.menu.popup(corner - QPoint(260, desk.tray.menu.sizeHint().height() + 40))
    settle()


STATES: dict[str, Callable[[Stage], object]] = {
    "create_fresh": create_fresh,
    "create_filled": create_filled,
    "create_customer": create_customer,
    "ticket_customer": ticket_customer,
    "create_customer_offline": create_customer_offline,
    "create_categories": create_categories,
    "create_store": create_store,
    "create_restored": create_restored,
    "create_drafts": create_drafts,
    "create_narrow": create_narrow,
    "attention": attention,
    "attention_edit": attention_edit,
    "attention_discard": attention_discard,
    "attention_empty": attention_empty,
    "reminder": reminder,
    "inbox": inbox,
    "remind_me": remind_me,
    "tray_menu": tray_menu,
}


def shoot(name: str, file: Path) -> None:
    """One state into a file."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        stage.show(SMALL)
        STATES[name](stage)
        picture(stage.window).save(str(file))
        for above in QApplication.topLevelWidgets():
            if above is not stage.window:
                above.hide()
        stage.close()
        _delete_what_is_left()


if __name__ == "__main__":
    sys.exit(every(sys.argv[1:], STATES, shoot))
