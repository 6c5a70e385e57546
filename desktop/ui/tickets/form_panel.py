"""The form of a ticket: what it says, and its fields where they may be changed; saved together."""

from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.ui.attachments.box import Box
from desktop.ui.form.view import FormView
from desktop.ui.text import has_text, tr
from desktop.ui.tickets.source import Shown
from desktop.ui.times import moment
from desktop.ui.widgets.button import Button, LinkButton
from desktop.ui.widgets.key_values import KeyValues
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.section import Section
from domain.entities.forms import SECTIONS, FormField
from domain.entities.ticket import OPEN_STATUSES

_EMPTY: tuple[Any, ...] = (None, "", [], ())


def _scrolled(inside: QWidget) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab leads to what is filled in there
    scroll.setWidget(inside)
    scroll.setWidgetResizable(True)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return scroll


class FormPanel(QWidget):
    """`saved` carries the values by key (`fields.KEY`, `personal.KEY`) that the person changed."""

    saved = Signal(object)

    def __init__(self, box: Box, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = box
        self._shown: Shown | None = None
        self._form: FormView | None = None
        self._editing = False
        self._changed, self._rows = set[str](), list[tuple[str, str]]()
        self._about = Section(tr("ticket.about"))
        self._facts = KeyValues(label_width=80)  # as wide as a form's own lines
        self._about.body.addWidget(self._facts)
        # It stands in the title's line, which belongs to the section.
        self._edit = LinkButton(tr("ticket.edit"), glyph="pencil-simple", parent=self._about)
        self._edit.clicked.connect(self._begin_edit)
        self._foot = self._make_foot()
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._about)
        self._column.addStretch(1)
        scroll = _scrolled(self._inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        outer.addWidget(self._foot)
        save = QShortcut(QKeySequence("Ctrl+S"), self)
        save.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        save.activated.connect(self.save)

    def _make_foot(self) -> QWidget:
        foot = QWidget()
        ground(foot, "sunken", edge="top")
        self._note = Label(tone="text2", kind="small", elide=True)
        self._save = Button(tr("ticket.save"), kind="primary", shortcut="Ctrl+S")
        self._drop = Button(tr("ticket.drop"), kind="quiet")
        self._save.clicked.connect(self.save)
        self._drop.clicked.connect(self.drop)
        row = QHBoxLayout(foot)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(8)
        row.addWidget(self._note, 1)
        row.addWidget(self._drop)
        row.addWidget(self._save)
        foot.hide()
        return foot

    def show_ticket(self, shown: Shown) -> None:
        """Show a ticket; of the same one, what others changed comes in beside what is being written."""
        same = self._shown is not None and self._shown.id == shown.id
        if not same:
            self._editing, self._changed = False, set()
        before, self._shown = self._shown, shown
        self._show_facts(shown)
        if same and self._form is not None and before is not None and self._kept_open(before, shown):
            self._form.set_values({**values_of(shown), **self._mine()})
        else:
            self._build()
        self._show_foot()

    def _show_facts(self, shown: Shown) -> None:
        rows = facts_of(shown)
        if rows != self._rows:
            self._rows = rows
            self._facts.set_rows(rows)

    def _kept_open(self, before: Shown, shown: Shown) -> bool:
        """Whether the widgets can stay: the same form, the same fields to fill."""
        return (
            before.page.template == shown.page.template
            and before.page.may == shown.page.may
            and before.page.ticket.status == shown.page.ticket.status
            and before.page.ticket.assignee == shown.page.ticket.assignee
        )

    def _mine(self) -> dict[str, Any]:
        if self._form is None:
            return {}
        kept = self._form.kept()
        return {key: kept.get(key) for key in self._changed}

    def _build(self) -> None:
        mine = self._mine()
        if self._form is not None:
            self._column.removeWidget(self._form)
            self._form.hide()
            self._form.deleteLater()
            self._form = None
        shown = self._shown
        if shown is None or shown.page.template is None:
            return
        self._form = FormView(
            shown.page.template,
            {**values_of(shown), **mine},
            sections=SECTIONS,
            at="edit",
            editable_keys=self._editable(shown),
            directory=shown.directory,
            columns=1,
            now_at=shown.now_at,
            box=self._box,
        )
        self._form.changed.connect(self._on_changed)
        self._column.insertWidget(1, self._form)
        self._note_sections(shown)

    def _note_sections(self, shown: Shown) -> None:
        assert self._form is not None
        assert shown.page.template is not None
        present = {field.section for field in shown.page.template.fields}
        for section in present & {"completion", "closure"}:
            open_ticket = shown.page.ticket.status in OPEN_STATUSES
            if section == "closure" and open_ticket and not self._editing:
                self._form.set_note(section, tr("ticket.filled_on_resolving"))
                self._form.open_section(section, opened=False)
            elif section == "completion" and self._editable(shown):
                self._form.set_note(section, tr("ticket.filled_now"))

    def _editable(self, shown: Shown) -> frozenset[str]:
        """What is filled here now: while handling, the completion; when editing, all but what is masked."""
        template = shown.page.template
        if template is None or "edit" not in shown.page.may or shown.page.ticket.status == "closed":
            return frozenset()
        masked = {one.key for one in shown.page.personal if one.masked or one.erased}
        open_ticket = shown.page.ticket.status in OPEN_STATUSES
        mine = open_ticket and shown.page.ticket.assignee == shown.me
        return frozenset(
            field.key
            for field in template.fields
            if field.key not in masked and (self._editing or (mine and field.section == "completion"))
        )

    def may_edit(self) -> bool:
        """Whether the person may change anything here."""
        shown = self._shown
        return shown is not None and "edit" in shown.page.may and shown.page.ticket.status != "closed"

    def edit_link(self) -> LinkButton:
        """The link that opens every field."""
        return self._edit

    def _begin_edit(self) -> None:
        if self.may_edit():
            self._editing = True
            self._build()
            self._show_foot()

    def drop(self) -> None:
        """Forget what was changed here."""
        self._editing, self._changed = False, set()
        if self._form is not None and self._shown is not None:
            self._form.set_values(values_of(self._shown))
        self._build()
        self._show_foot()

    def save(self) -> None:
        """Hand over what was changed; jumps to the first error instead where there is one."""
        if self._form is None or self._shown is None or self._shown.page.template is None:
            return
        errors = [error for error in self._form.validate() if error.key in self._changed]
        if errors:
            self._form.focus_field(errors[0].key)
            return
        kept = self._form.kept()
        fields = {field.key: field for field in self._shown.page.template.fields}
        values = {_room(fields.get(key), key): kept.get(key) for key in sorted(self._changed)}
        self._editing, self._changed = False, set()
        self._show_foot()
        if values:
            self.saved.emit(values)
        else:
            self._build()

    def _on_changed(self, key: str) -> None:
        self._changed.add(key)
        self._show_foot()

    def _show_foot(self) -> None:
        self._foot.setVisible(self._editing or bool(self._changed))
        self._note.setText(tr("ticket.unsaved", count=len(self._changed)) if self._changed else "")
        self._edit.setVisible(self.may_edit() and not self._editing)
        self._place_edit()

    def _place_edit(self) -> None:
        self._edit.resize(self._edit.sizeHint())
        self._edit.move(self._about.width() - self._edit.width() - 16, 6)
        self._edit.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._column.activate()
        self._place_edit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._about.set_title(tr("ticket.about"))
            self._edit.setText(tr("ticket.edit"))
            self._save.setText(tr("ticket.save"))
            self._drop.setText(tr("ticket.drop"))
            if self._shown is not None:
                self._show_facts(self._shown)


def _room(field: FormField | None, key: str) -> str:
    return f"personal.{key}" if field is not None and field.personal else f"fields.{key}"


def values_of(shown: Shown) -> dict[str, Any]:
    """Form values: the ticket's own and those about the customer."""
    values = {key: value for key, value in shown.page.ticket.fields.items() if value not in _EMPTY}
    values.update({one.key: one.value for one in shown.page.personal if one.value not in _EMPTY})
    return values


def facts_of(shown: Shown) -> list[tuple[str, str]]:
    """What every ticket says of itself, whatever its form."""
    page = shown.page
    held = page.ticket
    rows = [
        ("category", " › ".join(page.category_path)),
        ("store", page.store),
        ("line", page.line),
        ("handler", shown.handler()),
        ("team", page.team),
        ("creator", shown.names("person", held.creator) if held.creator else tr("ticket.system")),
        ("channel", tr(f"channel.{held.channel}") if has_text(f"channel.{held.channel}") else held.channel),
        ("created", moment(held.created_at, shown.now_at, full=True)),
        ("cc", tr("ticket.list_separator").join(shown.names("person", one) for one in held.cc)),
        ("tags", tr("ticket.list_separator").join(held.tags)),
    ]
    if held.status == "on_hold" and held.hold_until:
        until = moment(held.hold_until, shown.now_at, full=True)
        rows.insert(0, ("hold", f"{held.hold_reason or ''} · {until}"))
    return [(tr(f"ticket.fact.{key}"), value) for key, value in rows if value]
