"""Does what a person asks of tickets: written off the window's thread, told in a toast, taken back with Ctrl+Z."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from desktop.commands.runner import Runner
from desktop.commands.undo import undo
from desktop.replica.changed import Changed
from desktop.ui.sentences import error_words
from desktop.ui.session import Session
from desktop.ui.text import tr
from desktop.ui.widgets.toast import Toasts
from domain.errors import GongdanError, RefusedError

Act = Callable[[Runner, Sequence[str]], Changed]
Failed = Callable[[GongdanError], None]
REMEMBERED = 30


@dataclass
class Outcome:
    """What became of a gesture on several tickets."""

    changed: Changed = field(default_factory=Changed)
    done: list[str] = field(default_factory=list)
    refused: list[RefusedError] = field(default_factory=list)


def each(runner: Runner, ids: Sequence[str], act: Act) -> Outcome:
    """All at once; where one is refused, one by one. Raises the refusal where every one is refused."""
    outcome = Outcome()
    try:
        outcome.changed = act(runner, ids)
    except RefusedError:
        if len(ids) == 1:
            raise
    else:
        outcome.done = list(ids)
        return outcome
    for id in ids:
        try:
            outcome.changed |= act(runner, [id])
            outcome.done.append(id)
        except RefusedError as refusal:
            outcome.refused.append(refusal)
    if not outcome.done:
        raise outcome.refused[0]
    return outcome


class Gestures(QObject):
    """Remembers what was done, the last first, so that it can be taken back. `refused` tells what could not be."""

    refused = Signal(str)
    done = Signal(str)

    def __init__(self, session: Session, toasts: Toasts, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._toasts = session, toasts
        self._past: list[Changed] = []

    def run(
        self,
        toast: str,
        ids: Sequence[str],
        act: Act,
        *,
        then: Callable[[], None] | None = None,
        failed: Failed | None = None,
    ) -> None:
        """Do it to each; `toast` is the key of its words, with {count}."""
        if not ids:
            return
        given, runner, outcome = list(ids), self._session.runner, Outcome()

        def write() -> Changed:
            nonlocal outcome
            outcome = each(runner, given, act)
            return outcome.changed

        def finished(changed: Changed) -> None:
            self._finish(toast, outcome)
            if then is not None:
                then()

        self._session.bridge.act(write, owner=self, then=finished, failed=failed or self.tell_refused)

    def _finish(self, toast: str, outcome: Outcome) -> None:
        changed = outcome.changed
        if changed.commands:
            self._past.append(changed)
            del self._past[:-REMEMBERED]
            self._toasts.say(toast, count=len(outcome.done), undo=lambda: self._take_back(changed))
        else:
            self._toasts.say("toast.nothing_to_do")
        if outcome.refused:
            why = error_words(outcome.refused[0])
            self.refused.emit(tr("list.some_refused", count=len(outcome.refused), why=why))
        self.done.emit(toast)

    def tell_refused(self, error: GongdanError) -> None:
        """Say what was refused and nobody else took."""
        self.refused.emit(error_words(error))

    def undo_last(self) -> None:
        """What the toast speaks of, else the last thing done here."""
        if self._toasts.undo():
            return
        if self._past:
            self._take_back(self._past[-1])
        else:
            self._toasts.say("toast.nothing_to_undo")

    def _take_back(self, changed: Changed) -> None:
        if changed not in self._past:
            return
        self._past.remove(changed)
        runner = self._session.runner
        self._session.bridge.act(
            lambda: undo(runner, changed),
            owner=self,
            then=lambda _: self._toasts.say("toast.undone"),
            failed=self.tell_refused,
        )
