"""The card of a node where a ticket stands: what it shows, what is filled in, and how it goes on."""

from functools import partial
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.commands import flow as gestures
from desktop.ui.attachments.box import Box
from desktop.ui.form.view import FormView
from desktop.ui.form.wrap_layout import WrapLayout
from desktop.ui.text import tr
from desktop.ui.tickets.flow_forms import ReturnForm
from desktop.ui.tickets.flow_stops import holder, node_names, title_of, used_at
from desktop.ui.tickets.flow_words import node_words
from desktop.ui.tickets.form_panel import values_of
from desktop.ui.tickets.pick import Pick
from desktop.ui.tickets.source import Shown
from desktop.ui.widgets.button import Button
from desktop.ui.widgets.chip import Chip
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.text_area import TextArea
from domain.entities.flow import GATE, INITIATOR, Edge, Flow, Node, Token
from domain.entities.forms import Template
from domain.rules.flow import returnable
from domain.rules.flow_clocks import history

_SECTION = "request"
_WAITS = {"timer": "time", "fan_out": "tickets", "join": "branches"}


class FlowCard(QWidget):
    """`wanted` carries a toast's key and what to do; `resized` that it became higher or lower."""

    wanted = Signal(str, object)
    resized = Signal()

    def __init__(
        self, shown: Shown, flow: Flow, token: Token, box: Box, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._shown, self._flow, self._token, self._box = shown, flow, token, box
        self._node = flow.node(token.node) or shown.gate(token)
        self._form: FormView | None = None
        self._note: Field | None = None
        self.asking: ReturnForm | None = None
        self.edges: list[Button] = []
        self.back = Button(tr("flow.return"), icon="arrow-bend-up-left", kind="quiet")
        ground(self, "surface", edge="bottom")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 16, 12)
        self._column.setSpacing(8)
        self._add_head()
        self._mine = self._is_mine()
        if self._node is not None and self._node.kind in ("task", "approval"):
            self._add_form(self._node)
        if self._node is not None and self._node.approval is not None:
            self._add_votes(self._node)
        self._add_foot()

    def _is_mine(self) -> bool:
        """Whether the person may do it: theirs, or handling the ticket is."""
        token, me = self._token, self._shown.me
        if self._node is not None and self._node.approval is not None:
            return me in token.approvers and me not in {vote.person for vote in token.votes}
        return token.assignee == me or "complete" in self._shown.page.may

    def _add_head(self) -> None:
        shown, token = self._shown, self._token
        visit = next((v for v in reversed(history(shown.page.entries)) if v.node == token.node), None)
        used, late = used_at(shown, self._node, visit)
        kind = self._node.kind if self._node is not None else "task"
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Label(title_of(self._flow, token), kind="h3"))
        row.addWidget(Chip(tr(f"flow.kind.{kind}")))
        row.addStretch(1)
        row.addWidget(Label(used, kind="small", tone="late" if late else "text2"))
        self._column.addLayout(row)
        self._column.addWidget(Label(self._who(), kind="small", tone="text2", wrap=True))

    def _who(self) -> str:
        kind = self._node.kind if self._node is not None else "task"
        if kind in _WAITS:
            return tr(f"flow.waits_for_{_WAITS[kind]}", count=len(self._token.children))
        who = holder(self._shown, self._token) or tr("flow.nobody")
        approval = self._node.approval if self._node is not None else None
        if approval is None:
            return tr("flow.held_by", who=who)
        mode = tr(f"flow.mode.{approval.mode}", n=approval.n)
        words = f"{tr('flow.asked_of', who=who)} · {mode}"
        held = self._shown.page.ticket.flow
        to = held.asked.get("org") if held is not None and self._token.node == GATE else None
        return f"{words} · {tr('flow.gate_to', where=self._shown.names('unit', to))}" if to else words

    def _add_votes(self, node: Node) -> None:
        for vote in self._token.votes:
            if vote.approved:
                words = tr("flow.voted", who=self._shown.names("person", vote.person))
                self._column.addWidget(Label(words, kind="small", tone="ok"))

    def _add_form(self, node: Node) -> None:
        """Inputs as lines, outputs as fields: the form of the scenario with the rights of this node."""
        template = self._shown.page.template
        if template is None:
            return
        rights = {one.key: one.right for one in node.outputs}
        keys = [*node.inputs, *(key for key in rights if key not in node.inputs)]
        by_key = {field.key: field for field in template.fields}
        fields = tuple(
            replace(
                by_key[key],
                section=_SECTION,
                required=rights.get(key) == "required",
                required_at="create",
            )
            for key in keys
            if key in by_key
        )
        if not fields:
            return
        others = tuple(replace(field, section="customer") for key, field in by_key.items() if key not in keys)
        filled = {key for key, right in rights.items() if right != "read_only"}
        self._form = FormView(
            _with(template, (*fields, *others)),
            values_of(self._shown),
            sections=(_SECTION,),
            at="edit",
            editable_keys=frozenset(filled) if self._mine else frozenset(),
            directory=self._shown.directory,
            columns=2,
            now_at=self._shown.now_at,
            box=self._box,
        )
        self._form.shown_changed.connect(self.resized)
        self._column.addWidget(self._form)

    def _add_foot(self) -> None:
        row, acts = QHBoxLayout(), WrapLayout(gap=8)
        row.setSpacing(8)
        row.addLayout(acts, 1)
        node = self._node
        if not self._mine:
            who = holder(self._shown, self._token)
            if who and (node is None or node.kind in ("task", "approval")):
                acts.addWidget(Label(tr("flow.not_yours", who=who), tone="text2", kind="small"))
        elif node is None:
            self._add_button(acts, tr("flow.resubmit"), partial(self._complete, None), kind="primary")
        elif node.approval is not None:
            self._add_approval(acts, node)
        elif node.kind == "task":
            self._add_edges(acts, node)
        may_return = self._mine or "return" in self._shown.page.may
        if may_return and node is not None and node.kind in ("task", "approval") and node.key != GATE:
            self.back.clicked.connect(lambda: self._ask_return(self.back))
            row.addWidget(self.back, 0, Qt.AlignmentFlag.AlignTop)
        self._column.addLayout(row)

    def _add_button(
        self, row: WrapLayout, words: str, act: Any, *, kind: str = "normal", icon: str = ""
    ) -> Button:
        button = Button(words, kind=kind, icon=icon)
        button.clicked.connect(lambda _=False: act())
        row.addWidget(button)
        self.edges.append(button)
        return button

    def _add_edges(self, row: WrapLayout, node: Node) -> None:
        token = self._token
        if token.assignee is None and token.team is not None:
            act = partial(gestures.claim, node=token.node, visit=token.visit)
            self._add_button(
                row,
                tr("flow.claim"),
                lambda: self.wanted.emit("toast.flow_claimed", lambda r, ids: act(r, ids[0])),
            )
        for place, edge in enumerate(node.edges):
            words = edge.name or tr("flow.complete")
            kind = "primary" if place == 0 else "normal"
            self._add_button(
                row, words, partial(self._complete, edge), kind=kind, icon="check" if place == 0 else ""
            )

    def _add_approval(self, row: WrapLayout, node: Node) -> None:
        self._note = Field(tr("flow.note"), TextArea(placeholder=tr("flow.note_hint"), least=2, most=5))
        self._column.addWidget(self._note)
        yes, no = (node.edge(key) for key in ("approved", "rejected"))
        self._add_button(
            row,
            (yes.name if yes is not None else "") or tr("flow.approve"),
            partial(self._approve, True),
            kind="primary",
            icon="check",
        )
        self._add_button(
            row, (no.name if no is not None else "") or tr("flow.reject"), partial(self._approve, False)
        )
        if node.approval is not None and node.approval.delegate:
            delegate = Button(tr("flow.delegate"), kind="quiet", icon="user-plus")
            delegate.clicked.connect(lambda: self._ask_delegate(delegate))
            row.addWidget(delegate)

    def focus_first(self) -> None:
        """Put the cursor where the person begins."""
        if self._form is not None:
            for key in self._form.shown_keys():
                if self._form.focus_field(key):
                    return
        for button in self.edges[:1]:
            button.setFocus()

    def _complete(self, edge: Edge | None) -> None:
        if self._form is not None and self._form.validate():
            self._form.focus_first_error()
            self.resized.emit()
            return
        token = self._token
        values = self._changed_values()
        key = edge.key if edge is not None else ""
        act = partial(gestures.complete, node=token.node, visit=token.visit, edge=key, values=values)
        self.wanted.emit("toast.flow_completed", lambda r, ids: act(r, ids[0]))

    def _changed_values(self) -> dict[str, Any]:
        if self._form is None:
            return {}
        before = values_of(self._shown)
        return {key: value for key, value in self._form.values().items() if before.get(key) != value}

    def _approve(self, approved: bool) -> None:
        note = str(self._note.value()) if self._note is not None else ""
        if not approved and not note and self._note is not None:
            self._note.set_error(tr("error.reason_missing"))
            self._note.focus_editor()
            self.resized.emit()
            return
        token = self._token
        act = partial(gestures.approve, node=token.node, visit=token.visit, approved=approved, note=note)
        toast = "toast.flow_approved" if approved else "toast.flow_rejected"
        self.wanted.emit(toast, lambda r, ids: act(r, ids[0]))

    def _ask_return(self, anchor: QWidget) -> None:
        held, token = self._shown.page.ticket, self._token
        assert held.flow is not None
        names = node_names(self._flow)
        nodes = [(key, node_words(key, names)) for key in returnable(self._flow, held.flow, token)]
        if held.creator is not None:
            nodes.append((INITIATOR, self._shown.names("person", held.creator) or tr("flow.return_first")))
        if not nodes:
            return
        form = self.asking = ReturnForm(anchor, nodes)

        def chosen(to: str, reason: str) -> None:
            act = partial(gestures.send_back, node=token.node, visit=token.visit, to=to, reason=reason)
            form.close()
            self.wanted.emit("toast.flow_returned", lambda r, ids: act(r, ids[0]))

        form.chosen.connect(chosen)
        form.open()

    def _ask_delegate(self, anchor: QWidget) -> None:
        token, note = self._token, str(self._note.value()) if self._note is not None else ""
        pick = Pick(
            anchor,
            self._shown.directory.find_people,
            title=tr("flow.delegate"),
            placeholder=tr("flow.delegate_title"),
        )

        def picked(person: str) -> None:
            act = partial(gestures.delegate, node=token.node, visit=token.visit, assignee=person, note=note)
            self.wanted.emit("toast.flow_delegated", lambda r, ids: act(r, ids[0]))

        pick.picked.connect(picked)
        pick.open()


def _with(template: Template, fields: tuple[Any, ...]) -> Template:
    return replace(template, fields=fields)
