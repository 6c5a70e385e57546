"""Turns a complete draft into a ticket, off the window's thread."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop.commands import attachments, local, write
from desktop.commands.create import create_ticket
from desktop.replica import rows
from desktop.replica.changed import Changed
from desktop.ui.create.draft import Draft, subject_of
from desktop.ui.create.gaps import name_field, phone_field
from desktop.ui.sentences import error_words
from desktop.ui.session import Session
from domain.entities.forms import Template
from domain.errors import GongdanError
from domain.rules.forms import FieldError
from domain.wire.commands import CreateTicket


def content_of(draft: Draft, template: Template, *, line: str, values: dict[str, object]) -> CreateTicket:
    """The command's content; the values of hidden fields are left out."""
    phone, name = phone_field(template), name_field(template)
    person = {phone.key if phone else "phone": draft.phone, name.key if name else "name": draft.name}
    return CreateTicket(
        template=template.id,
        template_version=template.version,
        org=draft.org,
        line=line,
        subject=subject_of(draft),
        description=draft.description.strip(),
        priority=draft.priority or None,
        category=draft.category or None,
        fields=values,
        personal={key: value for key, value in person.items() if value},
        cc=draft.cc,
        org_suggested_by=draft.org_suggested_by,
        customer=draft.customer or None,
        order_no=draft.order_no or None,
        page_time_s=draft.page_time_s,
        attachments=draft.files,
        follows=draft.follows or None,
    )


class Submission(QObject):
    """`done` tells ticket and number; `refused` the sentence and the form's errors, if there are any."""

    done = Signal(str, str)
    refused = Signal(str, list)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._under_way = False

    def send(self, draft: Draft, content: CreateTicket) -> None:
        """Make the ticket, under the draft's id; a second press while it is being made does nothing."""
        if self._under_way:
            return
        self._under_way = True
        runner, replica = self._session.runner, self._session.replica

        def make() -> Changed:
            return create_ticket(runner, content, ticket=draft.id) | local.drop_draft(replica, draft.id)

        self._session.bridge.act(make, owner=self, then=lambda _: self._made(draft.id), failed=self._failed)

    def add_to(self, ticket: str, draft: Draft, *, then: Callable[[], None]) -> None:
        """Write the description into another ticket as an internal note, with what is attached."""
        runner, at = self._session.runner, self._session.clock.now()

        def add() -> Changed:
            moved = attachments.carry_over(runner.replica, draft.id, ticket, draft.files, at)
            return moved | write.note(runner, ticket, body=draft.description, files=draft.files)

        self._session.bridge.act(
            add,
            owner=self,
            then=lambda _: then(),
            failed=self._failed,
        )

    def _made(self, ticket: str) -> None:
        self._under_way = False
        with self._session.replica.read() as conn:
            made = rows.load_ticket(conn, ticket)
        self.done.emit(ticket, (made.number or made.provisional or "") if made else "")
        self._session.sync.wake()

    def _failed(self, error: GongdanError) -> None:
        self._under_way = False
        told = error.args_by_name.get("errors")
        errors = [FieldError(**one) for one in told] if isinstance(told, list) else []
        self.refused.emit(error_words(error), errors)
