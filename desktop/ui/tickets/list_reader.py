"""Asks the replica which tickets a list holds, off the window's thread, the latest question only."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject

from desktop.replica.queries.tickets import worklist_ids
from desktop.ui.session import Session
from desktop.ui.tickets.filters import ListShape
from domain.entities.conditions import Conditions

Places = dict[str, int]


_PLAIN = ListShape()


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which list, how narrowed and sorted."""

    worklist: str
    base: Conditions | None = None  # of a saved view
    shape: ListShape = _PLAIN
    text: str = ""

    def conditions(self) -> Conditions | None:
        """The view's conditions and the filters together."""
        narrowed = self.shape.conditions()
        if self.base is None or narrowed is None:
            return self.base or narrowed
        return Conditions(all=(*self.base.all, *narrowed.all), any=self.base.any)


class ListReader(QObject):
    """One question at a time: a newer one makes the older's answer void."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._cancel: Callable[[], None] = lambda: None

    def ask(self, question: Question, then: Callable[[list[str], Places], None]) -> None:
        """Read the ids and where each stands."""
        self._cancel()
        session = self._session
        person, now = session.person.id, session.server_time.now()

        def read() -> tuple[list[str], Places]:
            shape = question.shape
            with session.replica.read() as conn:
                ids = worklist_ids(
                    conn,
                    question.worklist,
                    person,
                    now,
                    filter=question.conditions(),
                    sort=shape.sort,
                    descending=shape.descending,
                    group=shape.group,
                    search=question.text or None,
                )
            return ids, {id: place for place, id in enumerate(ids)}

        self._cancel = session.bridge.read(read, then=lambda found: then(*found), owner=self)
