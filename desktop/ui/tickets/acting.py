"""Carries out the ticket actions of a window: on what is chosen there, with what they ask for beside it."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QWidget

from desktop.commands import flow, hand_over, members, status, write
from desktop.replica.queries.tickets import TicketLine
from desktop.ui.actions import Actions
from desktop.ui.directory import PERSON, Directory
from desktop.ui.sentences import error_words
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.theme import icon
from desktop.ui.tickets.cc import Cc
from desktop.ui.tickets.clocks import next_due, shown_clocks
from desktop.ui.tickets.explain import Explain
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.tickets.gestures import Act, Gestures
from desktop.ui.tickets.joining import Joining
from desktop.ui.tickets.macros import Macros
from desktop.ui.tickets.pause import Pause
from desktop.ui.tickets.permitted import reasons
from desktop.ui.tickets.pick import Pick
from desktop.ui.tickets.resolve import Resolve, asks
from desktop.ui.tickets.rows import PAUSED
from desktop.ui.tickets.source import Shown
from desktop.ui.tickets.task_date import TaskDate
from desktop.ui.tickets.transfer import Transfer
from desktop.ui.tickets.why import Why
from desktop.ui.widgets.menu import Menu
from desktop.ui.widgets.popover import Popover
from desktop.ui.widgets.priority import priority_text
from domain.entities.ticket import PRIORITIES
from domain.errors import GongdanError
from domain.wire.commands import TransferTicket


class Place(Protocol):
    """Where actions act: what is chosen there, and what a pop-over stands beside."""

    def targets(self) -> Sequence[str]: ...
    def lines(self) -> Sequence[TicketLine]: ...
    def shown(self) -> Shown | None: ...
    def anchor(self, name: str) -> QWidget: ...


class Acting(QObject):
    """One for each window. `refresh` after what is chosen has changed."""

    def __init__(
        self,
        session: Session,
        directory: Directory,
        actions: Actions,
        gestures: Gestures,
        place: Place,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._directory = session, directory
        self._actions, self._gestures, self._place = actions, gestures, place
        self._popover: Popover | None = None
        handlers: dict[str, Callable[[], object]] = {
            "take": lambda: self._run("taken", hand_over.take),
            "assign": self._assign,
            "transfer": self._transfer,
            "cc": self._cc,
            "pause": self._pause,
            "await_customer": lambda: self._run("awaiting", status.await_customer),
            "resolve": self._resolve,
            "close_ticket": lambda: self._run("closed", status.close),
            "reopen": lambda: self._run("reopened", status.reopen),
            "category": self._category,
            "priority": self._priority,
            "why": self._why,
            "explain": self._explain,
            "task_date": self._task_date,
        }
        self.joining = Joining(session, directory, place, run=self._run, open_popover=self._open)
        handlers |= self.joining.handlers()
        macros = Macros(session, place, directory=directory, run=self._run, open_popover=self._open)
        handlers["macro"] = macros.choose
        for name, handler in handlers.items():
            actions.connect_to(name, handler)

    def refresh(self) -> None:
        """Allow what makes sense for what is chosen, and say why not of the rest."""
        shown, targets = self._place.shown(), self._place.targets()
        lines = self._place.lines()
        found = reasons(shown, lines, count=len(targets), me=self._session.person.id)
        for name, reason in found.items():
            if name in self._actions:
                self._actions.refuse(name, reason)
        paused = self._paused(shown, lines)
        if "pause" in self._actions:
            self._actions.call("pause", *(("resume", "play") if paused else ("pause", "pause")))

    def _paused(self, shown: Shown | None, lines: Sequence[TicketLine]) -> bool:
        if shown is not None:
            return shown.page.ticket.status in PAUSED
        return bool(lines) and all(line.status in PAUSED for line in lines)

    # At once.

    def _run(self, toast: str, act: Act, *, popover: Popover | None = None) -> None:
        targets = list(self._place.targets())
        if popover is None:
            self._gestures.run(f"toast.{toast}", targets, act)
            return

        def failed(error: GongdanError) -> None:
            self._say(popover, error)

        self._gestures.run(f"toast.{toast}", targets, act, then=lambda: _close(popover), failed=failed)

    def _say(self, popover: Popover, error: GongdanError) -> None:
        """Say in the pop-over what was refused; what was filled in stays."""
        if isinstance(popover, FormPopover):
            popover.complain(error_words(error))
            errors = error.args_by_name.get("errors")
            if isinstance(popover, Resolve) and isinstance(errors, list):
                popover.mark(errors)

    # With a pop-over.

    def _open(self, popover: Popover) -> None:
        if self._popover is not None:
            self._popover.close()
        self._popover = popover
        popover.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        popover.closed.connect(self._forget)
        popover.open()

    def _forget(self) -> None:
        self._popover = None

    @property
    def popover(self) -> Popover | None:
        """What is open now."""
        return self._popover

    def _assign(self) -> None:
        pick = Pick(
            self._place.anchor("assign"),
            self._directory.find_holders,
            title=self._titled("assign.title"),
            placeholder=tr("pick.holder"),
        )

        def chosen(id: str) -> None:
            kind, _, held = id.partition(":")
            to = {"assignee": held} if kind == PERSON else {"team": held}
            self._run("assigned", lambda runner, ids: hand_over.assign(runner, ids, **to))

        pick.picked.connect(chosen)
        self._open(pick)

    def _transfer(self) -> None:
        targets = self._place.targets()
        form = Transfer(self._place.anchor("transfer"), self._directory, count=len(targets))

        def chosen(to: TransferTicket) -> None:
            def refused(error: GongdanError) -> None:
                if error.code != "transfer_needs_approval":
                    self._say(form, error)
                    return
                # It may not just go: the same gesture asks for the approval, after which it does.
                self._run("asked_to_leave", lambda r, ids: flow.ask_to_leave(r, ids, to=to), popover=form)

            self._gestures.run(
                "toast.transferred",
                targets,
                lambda runner, ids: hand_over.transfer(runner, ids, to=to),
                then=lambda: _close(form),
                failed=refused,
            )

        form.chosen.connect(chosen)
        self._open(form)

    def _pause(self) -> None:
        if self._paused(self._place.shown(), self._place.lines()):
            self._run("resumed", status.resume)
            return
        now_at = self._session.server_time.now()
        form = Pause(self._place.anchor("pause"), now_at=now_at, count=len(self._place.targets()))

        def chosen(reason: str, until: Any) -> None:
            self._run(
                "paused",
                lambda runner, ids: status.pause(runner, ids, reason=reason, until=until),
                popover=form,
            )

        form.chosen.connect(chosen)
        self._open(form)

    def _resolve(self) -> None:
        shown = self._place.shown()
        if shown is None or not asks(shown):
            self._run("resolved", status.resolve)
            return
        form = Resolve(self._place.anchor("resolve"), shown, self._session)

        def chosen(fields: dict[str, Any], category: str) -> None:
            self._run(
                "resolved",
                lambda runner, ids: status.resolve(runner, ids, fields=fields, category=category or None),
                popover=form,
            )

        form.chosen.connect(chosen)
        self._open(form)

    def _cc(self) -> None:
        shown = self._place.shown()
        if shown is None:
            return
        following = {id: shown.names("person", id) for id in shown.page.ticket.cc}
        popover = Cc(self._place.anchor("cc"), self._directory, following=following)
        popover.added.connect(
            lambda id: self._run("cc_added", lambda runner, ids: members.add_cc(runner, ids, people=[id]))
        )
        popover.removed.connect(
            lambda id: self._run(
                "cc_removed", lambda runner, ids: members.remove_cc(runner, ids, people=[id])
            )
        )
        self._open(popover)

    def _category(self) -> None:
        anchor = self._place.anchor("category")
        title, hint = tr("action.category.short"), tr("list.find.category")
        pick = Pick(anchor, self._directory.find_categories, title=title, placeholder=hint, wide=True)
        pick.picked.connect(lambda id: self._edit("categorised", {"category": id}))
        self._open(pick)

    def _priority(self) -> None:
        anchor = self._place.anchor("priority")
        shown = self._place.shown()
        menu = Menu(parent=anchor)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place, priority in enumerate(PRIORITIES):
            action = menu.addAction(f"{priority_text(priority)}\t&{place + 1}")
            action.setShortcut(str(place + 1))
            action.triggered.connect(
                lambda _=False, priority=priority: self._edit("prioritised", {"priority": priority})
            )
            if shown is not None and shown.page.ticket.priority == priority:
                action.setIcon(icon("check", "accent"))
        menu.popup(anchor.mapToGlobal(QPoint(0, anchor.height() + 4)))
        first = menu.actions()[0]
        menu.setActiveAction(first)

    def _task_date(self) -> None:
        shown = self._place.shown()
        if shown is None:
            return
        due_at = shown.page.ticket.task_due_at
        form = TaskDate(
            self._place.anchor("task_date"), now_at=self._session.server_time.now(), due_at=due_at
        )

        def chosen(at: Any) -> None:
            self._run(
                "dated",
                lambda runner, ids: write.edit(runner, ids, values={"task_due_at": at}),
                popover=form,
            )

        form.chosen.connect(chosen)
        self._open(form)

    def _edit(self, toast: str, values: dict[str, Any]) -> None:
        self._run(toast, lambda runner, ids: write.edit(runner, ids, values=values))

    def _why(self) -> None:
        shown = self._place.shown()
        if shown is None:
            return
        clocks = shown_clocks(shown.clocks())
        if clocks:
            chosen = next_due(clocks) or clocks[-1]
            popover = Why(
                self._place.anchor("why"),
                clocks,
                chosen=chosen,
                policy=shown.page.policy,
                calendar=shown.calendar,
                now_at=self._session.server_time.now(),
            )
            self._open(popover)

    def _explain(self) -> None:
        shown = self._place.shown()
        if shown is not None:
            self._open(Explain(self._place.anchor("explain"), self._session, shown))

    def _titled(self, key: str) -> str:
        count = len(self._place.targets())
        return tr(key) if count == 1 else tr(f"{key}_many", count=count)


def _close(popover: Popover) -> None:
    popover.close()
