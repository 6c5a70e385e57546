"""Pictures of the main window and the ticket in every state: python -m tests.shots.main_shots OUT [NAME…]."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.commands.create import create_ticket
from desktop.commands.members import add_cc
from desktop.commands.write import note
from desktop.replica import meta
from desktop.sync.older import Older
from desktop.sync.state import Progress, SyncState
from desktop.ui import theme
from desktop.ui.text import set_language
from desktop.ui.tickets.filters import Filter
from desktop.ui.tickets.list_menus import status_filter
from domain.wire.commands import CreateTicket
from domain.wire.older import OlderAnswer, OlderRequest, OlderTicket
from tests.desktop.ui.world import START
from tests.shots import screen
from tests.shots.flow_states import approval, flow, flow_return, gate
from tests.shots.module_states import MODULES
from tests.shots.stage import Stage, picture, settle
from tests.shots.stories import ME
from tests.shots.sync_states import SYNC
from tests.shots.view_states import VIEWS

SMALL, LARGE = (1366, 768), (1920, 1080)


def main_list(stage: Stage) -> None:
    """01, 02: to do, a ticket chosen, two filters."""
    stage.window.list.narrow(status_filter(("new", "open", "pending", "on_hold")))
    stage.window.list.narrow(Filter(field="org", values=("HQ",), words="门店：全部"))
    settle()
    stage.choose("strawberries")


def ticket(stage: Stage) -> None:
    """03: the ticket on its page, a reply being written."""
    stage.choose("strawberries")
    stage.window.open_ticket(stage.ids["strawberries"])
    settle()
    desk = stage.window.front.ticket
    assert desk is not None
    stage.window.actions_.press("reply")
    desk.desk.composer.insert(
        "陈女士您好，退款 89 元将在 1–3 个工作日内原路退回，另为您补发 30 元优惠券。给您添麻烦了。"
    )
    settle(0.8)


def note_page(stage: Stage) -> None:
    """A note being written in the pane."""
    stage.choose("strawberries")
    stage.window.actions_.press("note")
    stage.window.pane.desk.composer.insert("请财务确认退款路径。")
    settle(0.8)


def offline(stage: Stage) -> None:
    """05: offline, three changes waiting, the sync panel open."""
    window, session = stage.window, stage.session
    content = CreateTicket(
        template="complaint",
        template_version=1,
        org="HZ001",
        line="retail",
        subject="酸奶临期三天未打折，要求换货",
        description="货架上的酸奶只剩三天到期，没有打折标签，要求换成新日期的。",
        category="near_expiry",
        fields={"demand": "exchange"},
        personal={"name": "钱女士", "phone": "13900008024"},
        assignee=ME,
    )
    moved = create_ticket(session.runner, content)
    made = next(iter(moved.tickets))
    moved |= note(session.runner, made, body="已通知乳品课长巡查同批次货架。")
    moved |= note(session.runner, stage.ids["strawberries"], body="等网络恢复后再联系财务。")
    session.bridge.announce(moved)
    stage.world.sync.state = SyncState(
        connection="offline",
        unsent=4,
        verified_at=START - 2_039_000,
        retry_at=START + 38_000,
        trouble="connection_lost",
    )
    window.status._since = START - 34 * 60_000
    session.bridge.announce_state(stage.world.sync.state)
    settle(2.6)
    window.list.choose(made)
    settle()
    window.actions_.press("sync_panel")
    settle()


def verified(stage: Stage) -> None:
    """A replica that kept differing from the server: alarm, what was found, the support bundle."""
    stage.world.sync.state = SyncState(
        connection="online",
        attention=2,
        verified_at=START - 4_000,
        checked_at=START - 312_000,
        repaired=3,
        alarm=True,
        lease_until_at=START + 12 * 86_400_000,
        streaming=True,
    )
    stage.session.bridge.announce_state(stage.world.sync.state)
    settle()
    stage.window.actions_.press("sync_panel")
    settle()


def why(stage: Stage) -> None:
    """09: why this deadline."""
    stage.choose("weekend")
    stage.window.open_ticket(stage.ids["weekend"])
    settle()
    stage.window.actions_.press("why")
    settle()


def empty(stage: Stage) -> None:
    """12: nothing left to do."""
    settle()


def first_sync(stage: Stage) -> None:
    """13: the first sync, the own tickets here already."""
    for phase, done in (("mine", 0), ("open", 17)):
        progress = Progress(phase=phase, tickets=18_240 if done else 0, ranges_done=done, ranges=25)  # type: ignore[arg-type]
        stage.world.sync.state = SyncState(connection="online", busy=True, progress=progress)
        stage.session.bridge.announce_state(stage.world.sync.state)
        settle()


def search_hits(stage: Stage) -> None:
    """The search box with tickets and commands."""
    stage.window.actions_.press("search")
    stage.window.top.search.setText("扣款")
    settle()


class _Shelf:
    """A server that has two old tickets."""

    def search_older(self, request: OlderRequest) -> OlderAnswer:
        """Answer with them."""
        subjects = ("会员卡重复扣款，已退款", "团购订单重复扣款 36 元")
        at = START - 200 * 86_400_000
        return OlderAnswer(
            found=tuple(
                OlderTicket(
                    id=f"{number:032x}",
                    number=str(100_410 - number),
                    subject=subject,
                    status="closed",
                    org="HZ001",
                    created_at=at - number * 86_400_000,
                    closed_at=at,
                )
                for number, subject in enumerate(subjects)
            )
        )


def search_older(stage: Stage) -> None:
    """The search box after it was asked to look on the server, too."""
    session = stage.session
    object.__setattr__(session, "older", Older(_Shelf(), session.replica))
    with session.replica.write() as conn:
        meta.put(conn, "keep_since", START - 90 * 86_400_000)
    search_hits(stage)
    hits = stage.window.hits
    hits._choose([one.kind for one in hits._model.entries].index("ask_older"))
    settle()


def resolve(stage: Stage) -> None:
    """Resolving with the closure form, its first error marked."""
    stage.choose("strawberries")
    stage.window.actions_.press("resolve")
    settle()
    popover = stage.window.acting.popover
    assert popover is not None
    popover.submit()  # type: ignore[attr-defined]
    settle()


def assign(stage: Stage) -> None:
    """Assigning by typing."""
    stage.choose("strawberries")
    stage.window.actions_.press("assign")
    settle()


def transfer(stage: Stage) -> None:
    """Transferring with the note."""
    stage.choose("strawberries")
    stage.window.actions_.press("transfer")
    settle()


def pause(stage: Stage) -> None:
    """Putting on hold."""
    stage.choose("strawberries")
    stage.window.actions_.press("pause")
    settle()


def several(stage: Stage) -> None:
    """Several tickets chosen, and the toast of a gesture."""
    table = stage.window.list.table
    table.setFocus()
    table.selectRow(3)
    for _ in range(2):
        QTest.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    stage.key("t")
    settle()


def below(stage: Stage) -> None:
    """The ticket below the list."""
    stage.choose("strawberries")
    stage.window.actions_.press("pane")
    settle()


def history(stage: Stage) -> None:
    """The progress tab in the pane."""
    stage.choose("strawberries")
    stage.window.pane.desk.body.choose("history")
    settle()


def form(stage: Stage) -> None:
    """The form tab, being edited."""
    stage.choose("strawberries")
    stage.window.pane.desk.body.choose("form")
    stage.window.pane.desk.body.form.edit_link().click()
    settle()


def shortcuts(stage: Stage) -> None:
    """Every key."""
    stage.window.actions_.press("shortcuts")
    settle()


def settings(stage: Stage) -> None:
    """What may be set."""
    stage.window.actions_.press("settings")
    settle()


def ticket_menu(stage: Stage) -> None:
    """What may be done, on the menu key."""
    stage.choose("strawberries")
    stage.window.list.menu_wanted.emit(stage.window.list.table.viewport().mapToGlobal(QPoint(300, 90)))
    settle()


def cc(stage: Stage) -> None:
    """Who follows the ticket."""
    stage.choose("strawberries")
    stage.session.bridge.announce(
        add_cc(stage.session.runner, [stage.ids["strawberries"]], people=["lina", "liuyang"])
    )
    settle(0.8)
    stage.window.actions_.press("cc")
    settle()


def category(stage: Stage) -> None:
    """Choosing a category."""
    stage.choose("strawberries")
    stage.window.actions_.press("category")
    settle()


def customer(stage: Stage) -> None:
    """The customer tab, with an error above the composer."""
    stage.choose("strawberries")
    stage.window.pane.desk.body.choose("customer")
    stage.window.actions_.press("reply")
    stage.window.pane.desk.composer.send()
    settle()


def remind(stage: Stage) -> None:
    """When to be reminded."""
    stage.choose("strawberries")
    stage.window.actions_.press("remind")
    settle()


def narrow(stage: Stage) -> None:
    """The smallest window: icons at the left, the ticket below."""
    stage.choose("strawberries")
    stage.window.resize(1024, 640)
    settle()


STATES: dict[str, Callable[[Stage], None]] = {
    "main": main_list,
    "ticket": ticket,
    "note": note_page,
    "offline": offline,
    "verified": verified,
    "why": why,
    "flow": flow,
    "flow_return": flow_return,
    "approval": approval,
    "gate": gate,
    "empty": empty,
    "first_sync": first_sync,
    "search": search_hits,
    "search_older": search_older,
    "resolve": resolve,
    "assign": assign,
    "transfer": transfer,
    "pause": pause,
    "several": several,
    "below": below,
    "history": history,
    "form": form,
    "shortcuts": shortcuts,
    "settings": settings,
    "menu": ticket_menu,
    "cc": cc,
    "category": category,
    **SYNC,
    **VIEWS,
    **MODULES,
    "customer": customer,
    "remind": remind,
    "narrow": narrow,
}
_UNFILLED = frozenset({"empty", "first_sync"})


@contextmanager
def staged(name: str, size: tuple[int, int]) -> Iterator[Stage]:
    """The window in a state."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), filled=name not in _UNFILLED)
        stage.show(size)
        STATES[name](stage)
        try:
            yield stage
        finally:
            stage.close()


def shoot(out: Path, name: str, *, language: str, scheme: theme.Scheme, size: tuple[int, int]) -> None:
    """Write one picture."""
    set_language(language)
    with staged(name, size) as stage:
        wide = "-1920" if size == LARGE else ""
        picture(stage.window).save(str(out / f"{name}-{scheme}-{language}{wide}.png"))


def main(arguments: list[str]) -> int:
    """Write the pictures named (all without a name) into a folder; `quick` means light and Chinese alone."""
    out = Path(arguments[0] if arguments else "build/shots")
    out.mkdir(parents=True, exist_ok=True)
    names = [name for name in arguments[1:] if name in STATES] or list(STATES)
    screen.prepare()
    app = QApplication([])
    dress = theme.install(app)
    schemes = [theme.Scheme.LIGHT] if "quick" in arguments else list(theme.Scheme)
    languages = ["zh_CN"] if "quick" in arguments else ["zh_CN", "en"]
    for scheme in schemes:
        dress.choose(scheme)
        for language in languages:
            for name in names:
                shoot(out, name, language=language, scheme=scheme, size=SMALL)
                if name in ("main", "ticket"):
                    shoot(out, name, language=language, scheme=scheme, size=LARGE)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
