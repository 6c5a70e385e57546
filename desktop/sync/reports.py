"""Reports from the server; the last figures are kept in the replica, to be read offline with their time."""

from typing import Protocol, TypeVar
from urllib.parse import urlencode

from desktop.replica import meta
from desktop.replica.engine import Replica
from domain.entities.base import Entity
from domain.errors import UnavailableError
from domain.wire.reports import Overview, Question, TicketList, TicketMeasure

T = TypeVar("T")

KEY = "reports"
MOST_KEPT = 12


class Asking(Protocol):
    """The part of the transport that reports need; raises as desktop.sync.transport says."""

    def report(self, path: str, kind: type[T]) -> T:
        """Ask for a report."""
        ...


class Kept(Entity):
    """Overviews as they last came, newest first."""

    overviews: tuple[Overview, ...] = ()


class Reports:
    """Asks the server, and remembers what it said; every call may wait, so none is made on the window's thread."""

    def __init__(self, asking: Asking, replica: Replica) -> None:
        self._asking, self._replica = asking, replica

    def overview(self, question: Question) -> Overview:
        """Fetch the overview and keep it."""
        found = self._asking.report(f"/v1/reports/overview?{_parameters(question)}", Overview)
        with self._replica.write() as conn:
            kept = meta.struct(conn, KEY, Kept) or Kept()
            others = tuple(one for one in kept.overviews if one.asked != question)
            meta.put_struct(conn, KEY, Kept(overviews=(found, *others)[:MOST_KEPT]))
        return found

    def kept(self, question: Question) -> Overview | None:
        """The last figures for a question; else of a period as long, narrowed alike: yesterday's last 30 days."""
        with self._replica.read() as conn:
            kept = meta.struct(conn, KEY, Kept) or Kept()
        same = [one for one in kept.overviews if one.asked == question]
        alike = [one for one in kept.overviews if _shape(one.asked) == _shape(question)]
        return next(iter(same or alike), None)

    def tickets(self, question: Question, measure: TicketMeasure, key: str = "") -> TicketList:
        """Fetch the tickets behind a figure; they are not kept."""
        more = urlencode({"measure": measure, "key": key})
        return self._asking.report(f"/v1/reports/tickets?{_parameters(question)}&{more}", TicketList)


class NoServer:
    """Never reached; for windows without a network."""

    def report(self, path: str, kind: type[T]) -> T:
        """Say so."""
        raise UnavailableError("server_unreachable")


def _parameters(question: Question) -> str:
    asked = {
        "from": question.first.isoformat(),
        "to": question.last.isoformat(),
        "zone": question.zone,
        "unit": question.unit,
        "line": question.line,
        "category": question.category,
        "team": question.team,
    }
    return urlencode({name: value for name, value in asked.items() if value})


def _shape(question: Question) -> tuple[object, ...]:
    days = (question.last - question.first).days
    return days, question.zone, question.unit, question.line, question.category, question.team
