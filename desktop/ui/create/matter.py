"""Step 4: what it is about: subject, description, and the template's own fields."""

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.ui.attachments.bar import FilesField
from desktop.ui.attachments.box import Box
from desktop.ui.create.draft import Draft, subject_of
from desktop.ui.create.step import Step
from desktop.ui.form.view import FormView
from desktop.ui.text import tr
from desktop.ui.text_modules import filling
from desktop.ui.widgets.field import Field
from desktop.ui.widgets.text_area import TextArea
from desktop.ui.widgets.text_field import TextField


class MatterStep(Step):
    """`edited` tells any change, `described` that the description changed."""

    edited = Signal()
    described = Signal()

    def __init__(self, number: int, box: Box, parent: QWidget | None = None) -> None:
        super().__init__(number, tr("create.matter"), parent)
        self.files = FilesField(box, photos=False)
        self.set_note(tr("create.modules_hint"))
        self.form: FormView | None = None
        self.description = Field("", TextArea(placeholder=tr("create.description_hint"), least=2, most=8))
        self.subject = Field("", TextField())
        self.description.editor.setAccessibleName(tr("create.description"))
        self.subject.editor.setAccessibleName(tr("create.subject"))
        self._room = QVBoxLayout()
        self._room.setContentsMargins(0, 0, 0, 0)
        self.body.addWidget(self.description)
        self.body.addWidget(self.subject)
        self.body.addLayout(self._room)
        self.body.addWidget(Field(tr("attachment.title"), self.files))
        self.description.editor.edited.connect(self._on_described)
        self.subject.editor.edited.connect(self.edited)
        self.files.edited.connect(self.edited)
        self.description.editor.setAcceptDrops(False)  # what is dropped is attached, its path is not written
        self.description.editor.installEventFilter(self)
        filling.mark_open(self.description.editor)
        self.setAcceptDrops(True)
        self.show_subject_hint(Draft(id=""))

    def show_form(self, form: FormView) -> None:
        """Put the fields of a template in place of those before."""
        if self.form is not None:
            self._room.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
        self.form = form
        self._room.addWidget(form)
        form.changed.connect(lambda _: self.edited.emit())

    def show_subject_hint(self, draft: Draft) -> None:
        """Say what the subject will be where none is written."""
        made = subject_of(draft)
        hint = tr("create.subject_made", subject=made) if made else tr("create.subject_hint")
        self.subject.editor.setPlaceholderText(hint)

    def is_written(self) -> bool:
        """Whether anything says what it is about."""
        return bool(self.description.value() or self.subject.value())

    def insert(self, text: str) -> None:
        """Put a text module in at the cursor, and choose its first open placeholder."""
        filling.insert(self.description.editor, text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pasted = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        if pasted and event.matches(QKeySequence.StandardKey.Paste):  # type: ignore[attr-defined]
            return self.files.bar.take(QGuiApplication.clipboard().mimeData())
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.files.bar.welcome(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.files.bar.dropped(event)

    def _on_described(self) -> None:
        self.described.emit()
        self.edited.emit()
