"""Carries out what is about several tickets at once: merge, split, link, follow up; and urging and handing back."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from desktop.commands import together
from desktop.replica.queries.search import SearchHit
from desktop.replica.queries.together import MergePreview, candidates, merge_preview
from desktop.ui.directory import Directory
from desktop.ui.form.directory import Found
from desktop.ui.session import Session
from desktop.ui.tickets.gestures import Act
from desktop.ui.tickets.hand_back import HandBackForm
from desktop.ui.tickets.link_to import LinkTo
from desktop.ui.tickets.merge import Merge
from desktop.ui.tickets.rows import shown_number
from desktop.ui.tickets.source import Shown
from desktop.ui.tickets.split import Split
from desktop.ui.tickets.urge import UrgeForm
from desktop.ui.widgets.popover import Popover
from desktop.ui.widgets.status import status_text
from domain.rules.decide_hand_back import came_from
from domain.wire.together_commands import MergeTicket


class Run(Protocol):
    """Does something to the chosen tickets; where it is refused, the pop-over says so."""

    def __call__(self, toast: str, act: Act, *, popover: Popover | None = None) -> None: ...


class Where(Protocol):
    """What is chosen, and what a pop-over stands beside."""

    def targets(self) -> Sequence[str]: ...
    def shown(self) -> Shown | None: ...
    def anchor(self, name: str) -> QWidget: ...


class Joining:
    """One for each window, beside Acting, which opens its pop-overs and runs its gestures."""

    def __init__(
        self,
        session: Session,
        directory: Directory,
        place: Where,
        *,
        run: Run,
        open_popover: Callable[[Popover], None],
    ) -> None:
        self._session, self._directory, self._place = session, directory, place
        self._run, self._open = run, open_popover

    def handlers(self) -> dict[str, Callable[[], object]]:
        """By action."""
        return {
            "merge": self._merge,
            "unmerge": lambda: self._run("unmerged", lambda runner, ids: together.unmerge(runner, ids[0])),
            "split": self._split,
            "link": self.link,
            "urge": self._urge,
            "hand_back": self._hand_back,
        }

    def _find(self, text: str) -> Sequence[Found]:
        """Tickets by any word; with none typed those of the same customer."""
        shown = self._place.shown()
        if shown is None:
            return ()
        with self._session.replica.read() as conn:
            return [_found(hit) for hit in candidates(conn, shown.id, text)]

    def _merge(self) -> None:
        shown = self._place.shown()
        if shown is None:
            return
        source = shown.id

        def preview(target: str) -> MergePreview | None:
            with self._session.replica.read() as conn:
                return merge_preview(conn, source, target)

        form = Merge(self._place.anchor("merge"), self._find, preview, number=shown.number)

        def chosen(into: MergeTicket) -> None:
            self._run("merged", lambda runner, ids: together.merge(runner, ids[0], into=into), popover=form)

        form.chosen.connect(chosen)
        self._open(form)

    def _split(self) -> None:
        shown = self._place.shown()
        if shown is None:
            return
        now_at = self._session.server_time.now()
        form = Split(self._place.anchor("split"), shown.page.entries, shown.wording(), now_at=now_at)

        def chosen(entries: Any, subject: str) -> None:
            self._run(
                "split",
                lambda runner, ids: together.split(runner, ids[0], entries=entries, subject=subject),
                popover=form,
            )

        form.chosen.connect(chosen)
        self._open(form)

    def link(self) -> None:
        """Ask with which ticket, and how."""
        shown = self._place.shown()
        if shown is None:
            return
        is_problem = shown.page.ticket.type == "problem"
        form = LinkTo(self._place.anchor("link"), self._find, is_problem=is_problem)

        def chosen(relation: str, other: str) -> None:
            self._run(
                "linked",
                lambda runner, ids: together.link(runner, ids[0], to=other, relation=relation),
                popover=form,
            )

        form.chosen.connect(chosen)
        self._open(form)

    def _urge(self) -> None:
        count = len(self._place.targets())
        shown = self._place.shown() if count == 1 else None
        form = UrgeForm(
            self._place.anchor("urge"), shown, now_at=self._session.server_time.now(), count=count
        )
        form.chosen.connect(
            lambda reason: self._run(
                "urged", lambda runner, ids: together.urge(runner, ids, reason=reason), popover=form
            )
        )
        self._open(form)

    def _hand_back(self) -> None:
        count = len(self._place.targets())
        shown = self._place.shown() if count == 1 else None
        form = HandBackForm(self._place.anchor("hand_back"), to=_back_to(shown), count=count)
        form.chosen.connect(
            lambda reason: self._run(
                "handed_back",
                lambda runner, ids: together.hand_back(runner, ids, reason=reason),
                popover=form,
            )
        )
        self._open(form)


def _found(hit: SearchHit) -> Found:
    """A ticket as a line of a list: number and subject, then status and store."""
    detail = " · ".join(part for part in (status_text(hit.status), hit.store) if part)
    return Found(id=hit.id, name=f"{shown_number(hit.number)}  {hit.subject}", detail=detail)


def _back_to(shown: Shown | None) -> str:
    """Whom a ticket would go back to, by name; "" where that is not known here."""
    where = came_from(shown.page.ticket, shown.page.entries) if shown is not None else None
    if shown is None or where is None:
        return ""
    team = shown.directory.team(where["team"])
    parts = (shown.names("unit", where["org"]), team, shown.names("person", where["assignee"]))
    return " · ".join(part for part in parts if part)
