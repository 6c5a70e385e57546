"""Whether the server can work, for load balancers and people."""

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from litestar import Request, Response, Router, get

from domain.wire.identity import Health
from domain.wire.protocol import OLDEST_PROTOCOL, PROTOCOL
from sync_server.api import messages
from sync_server.api.services import Services
from sync_server.feed.touches import head_seq


def program_version() -> str:
    """The version this program was installed as."""
    try:
        return version("gongdan")
    except PackageNotFoundError:
        return "unknown"


def routes(services: Services) -> Router:
    """The address of this module."""

    def look() -> None:
        with services.store.read() as conn:
            head_seq(conn)

    @get("/health")
    async def health_route(request: Request[Any, Any, Any]) -> Response[bytes]:
        await services.aside.run(look)
        health = Health(
            status="ok",
            version=program_version(),
            protocol=PROTOCOL,
            oldest_protocol=OLDEST_PROTOCOL,
            server_time=services.clock.now(),
        )
        return messages.answer(request, health)

    return Router(path="/v1", route_handlers=[health_route])
