"""Macros by hand: found by typing, shown with all they would do, applied to one ticket or many with one gesture."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.commands import macros
from desktop.replica.config_rows import initials
from desktop.replica.queries.macros import macros as macros_of
from desktop.replica.rows import load_ticket
from desktop.ui.directory import Directory
from desktop.ui.form.directory import Found
from desktop.ui.sentences import sentence
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.tickets.form_popover import FormPopover
from desktop.ui.tickets.joining import Run, Where
from desktop.ui.tickets.pick import Pick
from desktop.ui.tickets.text_modules import filled
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.popover import Popover
from desktop.ui.widgets.priority import priority_text
from desktop.ui.widgets.status import status_text
from desktop.ui.widgets.text_area import TextArea
from domain.entities.rules import Macro, Plan, RuleStep, Skipped
from domain.entities.ticket import Ticket

WIDTH = 440


class MacroPreview(FormPopover):
    """What a macro would do, line by line, and its reply, which may still be written over; `chosen` carries it."""

    chosen = Signal(str)

    def __init__(
        self, anchor: QWidget, macro: Macro, lines: Sequence[str], *, reply: str, count: int, number: str
    ) -> None:
        verb = tr("macro.apply") if count == 1 else tr("macro.apply_many", count=count)
        super().__init__(anchor, title=macro.name, verb=verb, glyph="lightning", width=WIDTH)
        if count > 1:
            hint = tr("macro.shown_for", number=number, count=count)
            self.fields.addWidget(Label(hint, kind="small", tone="text2", wrap=True))
        for line in lines or [tr("macro.nothing")]:
            self.fields.addWidget(Label(f"·  {line}", wrap=True))
        self._reply: Field | None = None
        if macro.reply:
            area = TextArea(least=3, most=8)
            area.set_value(reply)
            # For many each has its own text: numbers and names differ.
            area.setReadOnly(count > 1)
            key = "macro.note" if macro.internal else "macro.reply"
            self._reply = Field(tr(key), area)
            self.fields.addWidget(self._reply)

    def first_field(self) -> QWidget | None:
        return self._reply.editor if self._reply is not None else None

    def submit(self) -> None:
        self.chosen.emit(str(self._reply.value()) if self._reply is not None else "")


class Macros:
    """One for each window, beside Acting, which opens its pop-overs and runs its gestures."""

    def __init__(
        self,
        session: Session,
        place: Where,
        *,
        directory: Directory,
        run: Run,
        open_popover: Callable[[Popover], None],
    ) -> None:
        self._session, self._place, self._directory = session, place, directory
        self._run, self._open = run, open_popover

    def choose(self) -> None:
        """Let one be found by name or initials."""
        held = self._offered()

        def find(text: str) -> Sequence[Found]:
            wanted = text.casefold()
            return [
                Found(id=one.id, name=one.name, detail=reply.replace("\n", " "))
                for one, reply in held
                if wanted in one.name.casefold() or initials(one.name).startswith(wanted)
            ]

        by_id = {one.id: one for one, _ in held}
        hint = tr("macro.find") if held else tr("macro.none")
        pick = Pick(
            self._place.anchor("macro"),
            find,
            title=tr("action.composer_macro"),
            placeholder=hint,
            wide=True,
            rows=max(1, len(held)),
        )
        pick.picked.connect(lambda id: self.preview(by_id[id]))
        self._open(pick)

    def _offered(self) -> list[tuple[Macro, str]]:
        """The macros for the first of the tickets, each with what it would answer there."""
        shown, targets = self._place.shown(), self._place.targets()
        line = shown.page.ticket.line if shown is not None else ""
        with self._session.replica.read() as conn:
            held = macros_of(conn, self._session.person.id)
            held = [one for one in held if one.line in ("", line) or not line]
            ticket = load_ticket(conn, targets[0]) if targets else None
            replies = macros.replies_of(conn, held, ticket) if ticket else [one.reply for one in held]
        if shown is not None and len(targets) == 1:
            replies = [filled(reply, shown) for reply in replies]
        return list(zip(held, replies, strict=True))

    def preview(self, macro: Macro) -> None:
        """Show what it would do to the first of the tickets, then do it to all."""
        targets = list(self._place.targets())
        with self._session.replica.read() as conn:
            ticket = load_ticket(conn, targets[0]) if targets else None
            if ticket is None:
                return
            found, reply = macros.plan_of(conn, macro, ticket, at=self._session.server_time.now())
        shown = self._place.shown()
        if shown is not None and len(targets) == 1:
            reply = filled(reply, shown)
        form = MacroPreview(
            self._place.anchor("macro"),
            macro,
            list(lines_of(found, ticket, self._name)),
            reply=reply,
            count=len(targets),
            number=ticket.number or ticket.provisional or "",
        )

        def chosen(text: str) -> None:
            said: Mapping[str, str] = {targets[0]: text} if len(targets) == 1 and macro.reply else {}
            self._run(
                "macro",
                lambda runner, ids: macros.apply(runner, ids, macro=macro, replies=said),
                popover=form,
            )

        form.chosen.connect(chosen)
        self._open(form)

    def _name(self, kind: str, id: str) -> str:
        known: Mapping[str, Callable[[str | None], str]] = {
            "person": self._directory.person,
            "unit": self._directory.unit,
            "team": self._directory.team,
            "line": self._directory.line,
            "category": self._directory.category,
        }
        return known[kind](id) or id


def lines_of(found: Plan, ticket: Ticket, names: Callable[[str, str], str]) -> Iterator[str]:
    """Each step in words, with what is there before it."""
    for step in found.steps:
        yield from _step(step, ticket, names)
    for one in found.skipped:
        yield _skipped(one)


def _skipped(one: Skipped) -> str:
    return tr("macro.cannot", action=tr(f"explain.action.{one.action}"), why=sentence(one.code, one.args))


def _step(step: RuleStep, ticket: Ticket, names: Callable[[str, str], str]) -> Iterator[str]:
    given = step.set
    if step.kind == "edit":
        for key, value in given["values"].items():
            yield _moved(key, getattr(ticket, key, ticket.fields.get(key.partition(".")[2])), value, names)
    elif step.kind == "status":
        yield tr(
            "macro.step.moved",
            field=tr("explain.field.status"),
            before=status_text(ticket.status),
            after=status_text(given["to"]),
        )
    elif step.kind in ("cc", "tag"):
        kind = "person" if step.kind == "cc" else ""
        for way in ("add", "remove"):
            if members := given.get(way):
                who = tr("explain.comma").join(names(kind, one) if kind else one for one in members)
                yield tr(f"macro.step.{step.kind}_{way}", who=who)
    elif step.kind == "reply":
        yield tr("macro.step.note" if given.get("internal") else "macro.step.reply", text=given["body"])
    else:
        to = [names(kind, given[key]) for key, kind in _TO.items() if given.get(key)]
        key = f"explain.action.{step.action}"
        yield tr("macro.step.to", action=tr(key), to=tr("explain.comma").join(to)) if to else tr(key)


_TO = {"assignee": "person", "team": "team", "org": "unit", "line": "line"}


def _moved(key: str, before: object, after: object, names: Callable[[str, str], str]) -> str:
    room, _, name = key.partition(".")
    field = name if room == "fields" else tr(f"explain.field.{key}")
    texts = []
    for value in (before, after):
        if value in (None, ""):
            texts.append(tr("explain.nothing"))
        elif key == "priority":
            texts.append(priority_text(str(value)))
        elif key == "category":
            texts.append(names("category", str(value)))
        else:
            texts.append(str(value))
    return tr("macro.step.moved", field=field, before=texts[0], after=texts[1])
