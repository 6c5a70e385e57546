"""What the server counts of itself, as Prometheus reads it: numbers and names of our own, nothing of a customer's."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from domain.errors import UnavailableError
from domain.wire.commands import INTENTS, Command
from domain.wire.sync import Verdict
from sync_server.api.admission import Gate, Kind
from sync_server.api.poke import PokeHub

BUCKETS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
POKE = "/v1/sync/poke"
BELOW = tuple(
    f"/v1/{name}"
    for name in ("sync/snapshot", "attachments", "devices", "reports", "sync", "recovery", "text-modules")
)
"""Addresses whose last parts are ids: counted together."""
ALONE = frozenset(
    f"/v1/{name}"
    for name in (
        "health", "sign-in", "sign-out", "refresh", "sync/push", "sync/pull", "sync/tickets", "sync/backfill",
        "sync/digest", "sync/poke", "sync/recover",
    )
)  # fmt: skip
CALLER = "gongdan.caller"
"""Where a request's scope holds who sent it, once that is known."""

log = structlog.get_logger("requests")


def route_of(path: str) -> str:
    """The name under which an address is counted: never one with an id in it, nor one somebody made up."""
    if path in ALONE:
        return path
    return next((f"{prefix}/…" for prefix in BELOW if path.startswith(f"{prefix}/")), "other")


class Meters:
    """Counters of one process, and a look at hub, gates and store when they are read."""

    def __init__(
        self,
        *,
        hub: PokeHub,
        gates: Mapping[Kind, Gate],
        pool: Callable[[], int],
        standing: Callable[[], Mapping[str, float]],
    ) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "gongdan_requests", "Requests answered.", ("route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "gongdan_request_seconds", "How long answers took.", ("route",), buckets=BUCKETS_S,
            registry=self.registry,
        )  # fmt: skip
        self._verdicts = Counter(
            "gongdan_verdicts", "Verdicts on commands, repeats left out.", ("kind", "status", "code"),
            registry=self.registry,
        )  # fmt: skip
        self._repairs = Counter(
            "gongdan_digest_bisections", "Times a replica looked for what differs.", registry=self.registry
        )
        self.registry.register(_Look(hub, gates, pool, standing))

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def judged(self, commands: Sequence[Command], verdicts: Sequence[Verdict]) -> None:
        """Count the verdicts of a push, and log those that a person has to do with."""
        kinds = {command.id: command.kind if command.kind in INTENTS else "other" for command in commands}
        for verdict in verdicts:
            if verdict.duplicate:
                continue
            kind = kinds.get(verdict.id, "withdrawn")
            self._verdicts.labels(kind, verdict.status, verdict.code).inc()
            if verdict.status not in ("applied", "merged"):
                log.info("verdict", command=verdict.id, kind=kind, status=verdict.status, code=verdict.code)

    def repairs(self) -> None:
        """Count that a replica asked where it differs."""
        self._repairs.inc()

    def serve(self, *, host: str, port: int) -> Callable[[], None]:
        """Answer `GET /metrics` on a port of its own, for the operator; returns what ends it. Port 0: nowhere."""
        if not port:
            return lambda: None
        try:
            server, thread = start_http_server(port, addr=host, registry=self.registry)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UnavailableError("port_unusable", host=host, port=port, reason=reason) from None

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return stop


class _Look(Collector):
    """Asks hub, gates, pool and store at the moment of reading."""

    def __init__(
        self,
        hub: PokeHub,
        gates: Mapping[Kind, Gate],
        pool: Callable[[], int],
        standing: Callable[[], Mapping[str, float]],
    ) -> None:
        self._hub, self._gates, self._pool, self._standing = hub, gates, pool, standing

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: what is there is told when it is read."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The numbers as they are now; where the database is away, `gongdan_database_up` is 0."""
        yield _gauge("connected_devices", "Open poke streams.", self._hub.listening)
        yield _gauge(
            "slowest_device_seconds", "Longest time since a poke without a pull.", self._hub.slowest_s
        )
        yield _gauge("pool_in_use", "Database connections in use.", self._pool())
        for name, what in (
            ("running", "Requests in work."),
            ("waiting", "Requests that wait for their turn."),
            ("admitted", "Requests let in since the start."),
            ("refused", "Requests answered 503 with a time slot since the start."),
        ):
            family = GaugeMetricFamily(f"gongdan_gate_{name}", what, labels=("kind",))
            for kind, gate in self._gates.items():
                family.add_metric((kind,), getattr(gate, name))
            yield family
        try:
            found = self._standing()
        except Exception as error:  # noqa: BLE001 - whatever keeps the store from answering, the rest is told
            log.warning("metrics_without_store", kind=type(error).__name__)
            found = {}
        yield _gauge("database_up", "Whether the database answered just now.", bool(found))
        for name, value in found.items():
            yield _gauge(name, f"See the operator's guide: {name}.", value)


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"gongdan_{name}", what, value=float(value))


class Metering:
    """Outermost: counts each request by route and status, and tells of it in the log at debug."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self._app, self._meters = app, meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and watch its answer begin."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 0
        route = route_of(scope["path"])

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                if route == POKE:
                    self._done(scope, route, status, begun)
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            if route != POKE:
                self._done(scope, route, status or 499, begun)

    def _done(self, scope: Scope, route: str, status: int, begun: float) -> None:
        took = time.perf_counter() - begun
        self._meters.answered(route, status, took)
        person, device = cast("dict[str, tuple[str, str]]", scope).get(CALLER, ("", ""))
        log.debug(
            "request", path=route, status=status, took_ms=int(took * 1000), person=person, device=device
        )
