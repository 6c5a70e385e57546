"""Reports over HTTP: the overview, the tickets behind one of its figures, and cases by a value (RULES §11)."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from litestar import Request, Response, Router, get

from domain.errors import InvalidInputError
from domain.wire.reports import ZONE, Question, TicketMeasure
from sync_server.access.viewer import load_viewer
from sync_server.api import messages
from sync_server.api.callers import reading
from sync_server.api.services import Services
from sync_server.reports.behind import MEASURES, behind
from sync_server.reports.cases import cases
from sync_server.reports.frame import Frame, frame
from sync_server.reports.overview import overview

if TYPE_CHECKING:
    from sqlalchemy import Connection

Asked = Request[Any, Any, Any]


EARLIEST_YEAR, LATEST_YEAR = 1990, 9000


def question(parameters: Any) -> Question:
    """The question in a request's parameters; ``from`` and ``to`` are local days, both in the period."""
    if any("\0" in str(value) for value in parameters.values()):
        raise InvalidInputError("bad_message", reason="nul")
    return Question(
        first=_day(parameters, "from"),
        last=_day(parameters, "to"),
        zone=parameters.get("zone") or ZONE,
        **{name: parameters.get(name) or "" for name in ("unit", "line", "category", "team")},
    )


def _day(parameters: Any, name: str) -> date:
    try:
        day = date.fromisoformat(parameters.get(name) or "")
    except ValueError:
        raise InvalidInputError("bad_day", field=name) from None
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise InvalidInputError("bad_day", field=name)
    return day


def _measure(parameters: Any) -> TicketMeasure:
    measure = parameters.get("measure") or ""
    if measure not in MEASURES:
        raise InvalidInputError("report_measure", measure=measure[:40], key="")
    return cast("TicketMeasure", measure)


def _answer(
    services: Services, request: Asked, measure: Callable[["Connection", Frame], object]
) -> Response[bytes]:
    """Ask a measure for the caller, everything from one snapshot."""
    asked = question(request.query_params)
    with reading(services, request) as (conn, found):
        configuration = services.configurations.current(conn)
        viewer = load_viewer(conn, found.person, services.trees.current(conn), configuration)
        made = frame(viewer, asked, configuration, services.clock.now())
        return messages.answer(request, measure(conn, made))


def routes(services: Services) -> Router:
    """The addresses of this module."""

    @get("/overview", sync_to_thread=True)
    def overview_route(request: Asked) -> Response[bytes]:
        return _answer(services, request, overview)

    @get("/tickets", sync_to_thread=True)
    def tickets_route(request: Asked) -> Response[bytes]:
        measure = _measure(request.query_params)
        key = request.query_params.get("key") or ""
        return _answer(services, request, lambda conn, made: behind(conn, made, measure, key))

    @get("/cases", sync_to_thread=True)
    def cases_route(request: Asked) -> Response[bytes]:
        given = {name: request.query_params.get(name) or "" for name in ("by", "mark", "source")}
        return _answer(services, request, lambda conn, made: cases(conn, made, **given))

    return Router(path="/v1/reports", route_handlers=[overview_route, tickets_route, cases_route])
