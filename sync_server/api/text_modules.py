"""A person's own text modules over HTTP: kept and dropped by them alone (RULES §5)."""

from typing import Any

from litestar import Request, Response, Router, delete, put
from litestar.params import FromPath, RawBody
from msgspec.structs import asdict

from domain.entities.forms import TextModule
from domain.errors import InvalidInputError, RefusedError
from domain.wire.text_modules import LONGEST_BODY, LONGEST_NAME, MOST_OWN, KeepTextModule
from sync_server.api import messages
from sync_server.api.callers import caller
from sync_server.api.services import Services
from sync_server.store.configuration_changes import PERSONAL, Author
from sync_server.store.configuration_writer import Edit, write_configuration
from sync_server.store.unit_of_work import UnitOfWork

Asked = Request[Any, Any, Any]

SMALL = 32 * 1024
KIND = "text_module"
_ID_LENGTH = 32


def keep(
    services: Services, request: Asked, id: str, module: TextModule | None, person: str
) -> Response[bytes]:
    """Write the person's module, or that it is gone; refused (``not_found``) where the id is not theirs."""

    def work() -> int:
        with services.store.write() as conn:
            known = services.configurations.current(conn).text_modules
            before = known.get(id)
            if before.owner != person if before is not None else module is None:
                raise RefusedError("not_found")
            own = sum(one.owner == person for one in known.values())
            if module is not None and before is None and own >= MOST_OWN:
                raise RefusedError("too_many_text_modules", most=MOST_OWN)
            unit_of_work = UnitOfWork(conn, nonces=services.ids, at=services.clock.now())
            author = Author(person=person, cause=PERSONAL)
            write_configuration(unit_of_work, [Edit(kind=KIND, id=id, entity=module)], author=author)
            return unit_of_work.commit()

    services.store.retrying(work)
    services.hub.changed()
    return messages.answer(request, {})


def read(id: str, message: KeepTextModule, person: str) -> TextModule:
    """The module of a message; raises InvalidInputError for what no module may be."""
    name, body = message.name.strip(), message.body.strip()
    if len(id) != _ID_LENGTH or not all(one in "0123456789abcdef" for one in id):
        raise InvalidInputError("bad_message", reason="id")
    if not name or len(name) > LONGEST_NAME or not body or len(body) > LONGEST_BODY:
        raise InvalidInputError("text_module_length", name=LONGEST_NAME, body=LONGEST_BODY)
    return TextModule(**{**asdict(message), "name": name, "body": body}, id=id, owner=person)


def routes(services: Services) -> Router:
    """The addresses of this module."""

    @put("/{id:str}", sync_to_thread=True)
    def keep_route(request: Asked, id: FromPath[str], body: RawBody) -> Response[bytes]:
        message = messages.read(request, body, KeepTextModule, limit=SMALL)
        found = caller(services, request)
        return keep(services, request, id, read(id, message, found.person), found.person)

    @delete("/{id:str}", sync_to_thread=True, status_code=200)
    def drop_route(request: Asked, id: FromPath[str]) -> Response[bytes]:
        return keep(services, request, id, None, caller(services, request).person)

    return Router(path="/v1/text-modules", route_handlers=[keep_route, drop_route])
