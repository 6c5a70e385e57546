"""Asks the replica which tickets a list holds, off the window's thread, the latest question only."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject

from desktop.replica.queries.groups import GroupCount
from desktop.replica.queries.tickets import worklist_groups, worklist_ids
from desktop.ui.session import Session
from desktop.ui.tickets.filters import ListShape, as_of
from desktop.ui.tickets.sections import Listing
from desktop.ui.times import midnights
from domain.entities.conditions import Conditions

DAYS_APART = 7
"""Days whose tickets stand under headings of their own; later ones stand together."""
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

    def ask(self, question: Question, then: Callable[[Listing], None]) -> None:
        """Read the ids, where each stands, and the groups they make."""
        self._cancel()
        session = self._session
        person, now = session.person.id, session.server_time.now()

        asked = question.conditions()
        conditions = as_of(asked, now) if asked is not None else None

        def read() -> Listing:
            shape = question.shape
            days = midnights(now, DAYS_APART) if shape.group == "due_day" else []
            groups: list[GroupCount] = []
            with session.replica.read() as conn:
                ids = worklist_ids(
                    conn,
                    question.worklist,
                    person,
                    now,
                    filter=conditions,
                    sort=shape.sort,
                    descending=shape.descending,
                    group=shape.group,
                    search=question.text or None,
                    days=days,
                )
                if shape.group:
                    groups = worklist_groups(
                        conn,
                        question.worklist,
                        person,
                        now,
                        shape.group,
                        filter=conditions,
                        search=question.text or None,
                        days=days,
                    )
            places = {id: place for place, id in enumerate(ids)}
            return Listing(ids=ids, places=places, group=shape.group, groups=groups, days=days)

        self._cancel = session.bridge.read(read, then=then, owner=self)
