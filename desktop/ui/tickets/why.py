"""Why this deadline: the figures, the picture, the sum line by line, and where the rules come from."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from desktop.ui.countdown import figures
from desktop.ui.text import tr
from desktop.ui.tickets.copy_head import copy_head
from desktop.ui.tickets.why_bar import WhyBar
from desktop.ui.tickets.why_steps import CLOSED, PAUSED, REST, Step, steps_of
from desktop.ui.times import clock as hour
from desktop.ui.times import moment
from desktop.ui.widgets.key_values import KeyValues
from desktop.ui.widgets.label import Label
from desktop.ui.widgets.polish import ground
from desktop.ui.widgets.popover import Popover
from desktop.ui.widgets.priority import priority_text
from desktop.ui.widgets.segmented import Segmented
from desktop.ui.widgets.status import status_text
from domain.entities.base import Instant
from domain.entities.calendars import Calendar
from domain.entities.sla import Clock, Policy

WIDTH = 600


class Why(Popover):
    """One clock of a ticket explained; with several, a choice between them above."""

    copied = Signal()

    def __init__(
        self,
        anchor: QWidget,
        clocks: Sequence[Clock],
        *,
        chosen: Clock,
        policy: Policy | None,
        calendar: Calendar | None,
        now_at: Instant,
    ) -> None:
        super().__init__(anchor, width=WIDTH)
        self._clocks = {clock.metric: clock for clock in clocks}
        self._policy, self._calendar, self._now_at = policy, calendar, now_at
        self.setAccessibleName(tr("action.why"))
        self._content = QVBoxLayout()
        self._content.setSpacing(8)
        self._inside: QWidget | None = None
        self._text = ""
        self.body.addLayout(copy_head(tr("action.why"), copy=self._copy, close=self.close))
        if len(self._clocks) > 1:
            choice = Segmented([(m, tr(f"metric.{m}")) for m in self._clocks], value=chosen.metric)
            choice.changed.connect(lambda metric: self._explain(self._clocks[metric]))
            self.body.addWidget(choice)
        self.body.addLayout(self._content)
        self._explain(chosen)

    def _explain(self, clock: Clock) -> None:
        if self._inside is not None:
            self._inside.hide()
            self._inside.deleteLater()
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        figures_row = self._figures(clock)
        steps = steps_of(clock, self._calendar)
        column.addLayout(_row_of_figures(figures_row))
        if steps:
            column.addWidget(WhyBar(steps))
            column.addLayout(self._sum(clock, steps))
        column.addWidget(self._sources(clock))
        self._content.addWidget(self._inside)
        self._text = self._as_text(clock, figures_row, steps)
        self.adjustSize()

    def _figures(self, clock: Clock) -> list[tuple[str, str]]:
        """Captions and figures: due, left, target, used."""
        shown: list[tuple[str, str]] = []
        if clock.due_at is not None:
            shown.append((tr("why.due"), moment(clock.due_at, self._now_at, full=True)))
        if clock.state == "met":
            shown.append((tr("why.stopped"), moment(clock.stopped_at or 0, self._now_at, full=True)))
        elif clock.state in ("running", "paused"):
            late = clock.remaining_s < 0
            left = figures(abs(clock.remaining_s))
            shown.append(
                (tr("why.late_by" if late else "why.left"), tr("sla.late", time=left) if late else left)
            )
        if clock.target is not None:
            unit = tr(f"unit.{clock.target.unit}", count=clock.target.n)
            shown.append((tr("why.target"), unit))
        if clock.started_at is not None:
            shown.append((tr("why.used"), figures(clock.elapsed_s)))
        return shown

    def _sum(self, clock: Clock, steps: Sequence[Step]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setHorizontalSpacing(0)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 1)
        for line, (words, when, amount, strong) in enumerate(self._lines(clock, steps)):
            kind = "body_bold" if strong else "body"
            for column, (text, look, tone) in enumerate(
                ((words, kind, "text"), (when, "small", "text2"), (amount, kind, "text"))
            ):
                label = Label(text, kind=look, tone=tone)
                label.setFixedHeight(25)
                label.setContentsMargins(0 if column == 0 else 12, 0, 0, 0)
                ground(label, edge="bottom")
                if column == 2:
                    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                grid.addWidget(label, line, column)
        return grid

    def _lines(self, clock: Clock, steps: Sequence[Step]) -> list[tuple[str, str, str, bool]]:
        started = moment(clock.started_at or 0, self._now_at, full=True)
        lines = [(tr("why.started"), started, _hms(clock.budget_s), False)]
        lines.extend(self._line(step) for step in steps if step.kind != CLOSED)
        if clock.remaining_s < 0:
            lines.append((tr("why.late_by"), "", _hms(-clock.remaining_s), True))
        return lines

    def _line(self, step: Step) -> tuple[str, str, str, bool]:
        span = f"{moment(step.from_at, self._now_at, full=True)}–{hour(step.to_at)[:5]}"
        if step.merged > 1:
            until = moment(step.to_at, self._now_at, full=True)
            return tr("why.merged", count=step.merged), f"– {until}", f"− {_hms(step.seconds)}", False
        if step.kind == PAUSED:
            return tr("why.paused_in", status=status_text(step.status)), span, tr("why.not_counted"), False
        if step.kind == REST:
            due = moment(step.to_at, self._now_at, full=True)
            return tr("why.rest"), tr("why.until", time=due), _hms(step.seconds), True
        return tr("why.worked"), span, f"− {_hms(step.seconds)}", False

    def _sources(self, clock: Clock) -> QWidget:
        """Policy, calendar, pauses: where the rules come from."""
        rows: list[tuple[str, str]] = []
        if self._policy is None:
            rows.append((tr("why.policy"), tr("why.no_policy")))
        else:
            policy = self._policy
            name = policy.name or policy.id
            about = tr(
                "why.policy_is", name=name, priority=priority_text(clock.priority), version=policy.version
            )
            rows.append((tr("why.policy"), about))
            rows.append((tr("why.calendar"), self._calendar_words(clock)))
            pauses = policy.pause_in.get(clock.metric, ())
            words = tr("ticket.list_separator").join(status_text(status) for status in pauses)
            rows.append(
                (tr("why.pauses"), tr("why.pauses_in", statuses=words) if words else tr("why.never_pauses"))
            )
        box = QWidget()
        ground(box, "sunken", edge="card")
        column = QVBoxLayout(box)
        column.setContentsMargins(12, 8, 12, 8)
        column.addWidget(KeyValues(rows))
        return box

    def _calendar_words(self, clock: Clock) -> str:
        if self._calendar is None or (clock.target is not None and clock.target.round_the_clock):
            return tr("why.round_the_clock")
        calendar = self._calendar
        return tr("why.calendar_is", name=calendar.name or calendar.id, version=calendar.version)

    def _as_text(self, clock: Clock, shown: Sequence[tuple[str, str]], steps: Sequence[Step]) -> str:
        lines = [f"{tr('action.why')} · {tr(f'metric.{clock.metric}')}"]
        lines += [f"{caption}: {figure}" for caption, figure in shown]
        lines += [
            f"{words}  {when}  {amount}" for words, when, amount, _ in self._lines(clock, steps) if steps
        ]
        return "\n".join(lines)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text)
        self.copied.emit()


def _hms(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"


def _row_of_figures(shown: Sequence[tuple[str, str]]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(24)
    for caption, figure in shown:
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(Label(caption, kind="small", tone="text2"))
        column.addWidget(Label(figure, kind="h2"))
        row.addLayout(column)
    row.addStretch(1)
    return row
