"""The composition root: makes every part once and hands it to those who need it."""

import asyncio
import gc
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

import structlog
import uvicorn
from litestar import Litestar
from litestar.concurrency import set_asyncio_executor

from domain.errors import RefusedError, UnavailableError
from sync_server.access.audit import Audit
from sync_server.access.passwords import Passwords
from sync_server.api import (
    attachments,
    customers,
    description,
    explaining,
    health,
    identity,
    older,
    recovery,
    reports,
    sync,
    text_modules,
)
from sync_server.api.admission import Admission, handler_threads, make_gates
from sync_server.api.aside import THREADS, Aside
from sync_server.api.meters import Metering
from sync_server.api.problems import HANDLERS
from sync_server.api.sealing import SECRET_FILE, Sealer, server_secret
from sync_server.api.services import Services
from sync_server.api.watching import make_hub, make_meters
from sync_server.clock import Clock, SystemClock, SystemIds
from sync_server.descriptors import take_all
from sync_server.feed.snapshot import Snapshots
from sync_server.jobs.making import make_worker
from sync_server.operations.tools import Tools
from sync_server.push.pipeline import Ids, Pusher
from sync_server.push.proofs import Proofs
from sync_server.push.receipts import Receipts
from sync_server.settings import Settings
from sync_server.store import migrations
from sync_server.store.configuration import ConfigurationCache
from sync_server.store.engine import Store, trouble_told
from sync_server.store.erasures import Hasher
from sync_server.store.organisation import TreeCache
from sync_server.store.sole_server import SoleServer

if TYPE_CHECKING:
    from sync_server.store.listening import Listening

BACKLOG = 4096
"""Connections that may wait to be accepted: after a restart everybody comes at once."""
SWITCH_S = 0.0005
YOUNG_OBJECTS = 20_000
"""So many more objects than went, and the young ones are looked through for cycles."""

log = structlog.get_logger("server")


def open_store(settings: Settings) -> Store:
    """The store behind the settings, with the folder of a SQLite file made."""
    if settings.database_file is not None:
        try:
            settings.database_file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnavailableError(
                "folder_unwritable", folder=str(settings.database_file.parent), reason=error.strerror or ""
            ) from None
    return Store(settings.database, pool_size=settings.pool_size + THREADS)


@contextmanager
def tools(settings: Settings) -> Iterator[Tools]:
    """The operator's tools over a database at this program's version; a SQLite file is made where there is none.

    UnavailableError where the database is away or damaged, at whatever moment.
    """
    store = open_store(settings)
    try:
        with trouble_told():
            if settings.sqlite and migrations.present(store.engine) is None:
                migrations.upgrade(store.engine)
            migrations.require_present(store.engine)
            yield _tools(settings, store)
    finally:
        store.close()


def migrate(settings: Settings) -> tuple[str | None, str]:
    """Bring the database to this program's version; returns the versions before and after."""
    store = open_store(settings)
    try:
        return migrations.upgrade(store.engine)
    finally:
        store.close()


def _tools(
    settings: Settings,
    store: Store,
    *,
    clock: Clock | None = None,
    ids: Ids | None = None,
    after_commit: Callable[[int], None] = lambda seq: None,
    proofs: Proofs | None = None,
) -> Tools:
    clock, ids = clock or SystemClock(), ids or SystemIds()
    trees, configurations = TreeCache(), ConfigurationCache()
    return Tools(
        settings=settings,
        store=store,
        clock=clock,
        ids=ids,
        trees=trees,
        configurations=configurations,
        passwords=Passwords(),
        pusher=Pusher(
            store,
            trees=trees,
            configurations=configurations,
            clock=clock,
            ids=ids,
            after_commit=after_commit,
            proofs=proofs,
            hasher=_hasher(settings),
            attachment_limits=settings.attachment_limits,
        ),
    )


def _hasher(settings: Settings) -> Hasher | None:
    """What knows erased values again; none where the server's secret is not at hand."""
    if not (settings.folder / SECRET_FILE).exists():
        return None
    return Hasher(server_secret(settings.folder))


def build(
    settings: Settings, store: Store, *, clock: Clock | None = None, ids: Ids | None = None
) -> Services:
    """Make the server's parts over an open store."""
    trees = TreeCache()
    aside = Aside()
    hub = make_hub(store, trees, aside, settings)
    gates = make_gates(handlers=settings.pool_size, waiting=settings.waiting_requests)
    secret = server_secret(settings.folder)
    made = _tools(
        settings,
        store,
        clock=clock,
        ids=ids,
        after_commit=lambda seq: hub.changed(),
        proofs=Proofs(secret),
    )
    return Services(
        settings=settings,
        store=store,
        clock=made.clock,
        ids=made.ids,
        configurations=made.configurations,
        trees=made.trees,
        passwords=made.passwords,
        audit=Audit(made.ids),
        sealer=Sealer(secret),
        hub=hub,
        aside=aside,
        gates=gates,
        meters=make_meters(store, hub, gates, made.clock, made.configurations),
        pusher=made.pusher,
        snapshots=Snapshots(settings.folder),
        receipts=Receipts(store, trees=made.trees, nonces=made.ids, after_commit=lambda seq: hub.changed()),
    )


def web_application(services: Services) -> Litestar:
    """The HTTP side of the services."""
    settings = services.settings

    @asynccontextmanager
    async def watching(_: Litestar) -> AsyncIterator[None]:
        task = asyncio.create_task(services.hub.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            services.aside.close()

    app = Litestar(
        route_handlers=[
            health.routes(services),
            identity.routes(services),
            sync.routes(services),
            attachments.routes(services),
            recovery.routes(services),
            older.routes(services),
            explaining.routes(services),
            reports.routes(services),
            text_modules.routes(services),
            customers.routes(services),
            description.routes(),
        ],
        exception_handlers=HANDLERS,
        request_max_body_size=settings.request_bytes,
        lifespan=[watching],
        openapi_config=None,
        logging_config=None,
    )
    admitted = Admission(app.asgi_handler, gates=services.gates, body_bytes=settings.request_bytes)
    app.asgi_handler = Metering(admitted, services.meters)
    return app


def _listening(services: Services) -> "Listening":
    from sync_server.store.listening import Listening  # brings in PostgreSQL's driver

    return Listening(services.settings.database, services.hub.changed)


class _Server(uvicorn.Server):
    """Ends the poke streams when asked to stop, so that stopping doesn't wait for them."""

    def __init__(self, config: uvicorn.Config, stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._stop = stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Not super()'s: that one raises the signal again at the end, and nothing would be put in order.
        self._stop()
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def configure_logs(level: str) -> None:
    """Log to stderr: for people on a terminal, as JSON lines elsewhere; no ticket's text is ever logged."""
    on_terminal = sys.stderr.isatty()
    steps: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if on_terminal:
        # Plain tracebacks: others show the values of variables, which are what people wrote.
        steps.append(structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback))
    else:
        steps += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=steps,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Looked up at each line: whoever runs us may have put another stream there since.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )


def serve(settings: Settings, *, ready: Callable[[str], None] = lambda address: None) -> None:
    """Serve until told to stop; refused where the database is newer than the program or served already."""
    configure_logs(settings.log_level)
    sole = SoleServer(settings.database_file) if settings.database_file is not None else None
    store = open_store(settings)
    try:
        if sole is not None:
            sole.take()
        migrations.upgrade(store.engine) if settings.sqlite else migrations.require_present(store.engine)
        _serve(build(settings, store), ready)
    finally:
        store.close()
        if sole is not None:
            sole.release()


def work(settings: Settings) -> None:
    """Do due work until told to stop; refused on SQLite, where the serving process does it itself."""
    if settings.sqlite:
        raise RefusedError("work_on_sqlite")
    configure_logs(settings.log_level)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with tools(settings) as made:
        worker = make_worker(made)
        worker.start()
        log.info("working")
        # Waited for in slices: Windows delivers no signal to a thread that waits for ever.
        while not stop.wait(1):
            pass
        worker.stop()
        log.info("stopped")


def _serve(services: Services, ready: Callable[[str], None]) -> None:
    settings = services.settings
    _tune()
    descriptors = take_all()
    executor = ThreadPoolExecutor(handler_threads(settings.pool_size), thread_name_prefix="handler")
    set_asyncio_executor(executor)
    listening = None if settings.sqlite else _listening(services)
    bound = _bind(settings)
    config = uvicorn.Config(
        web_application(services),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=10,
        timeout_keep_alive=75,
        backlog=BACKLOG,
        ssl_certfile=settings.tls_certificate or None,
        ssl_keyfile=settings.tls_key or None,
    )
    server = _Server(config, services.hub.stop)
    # On SQLite nobody else may write all day; on PostgreSQL workers are processes of their own.
    worker = make_worker(services) if settings.sqlite else None
    end_metrics = services.meters.serve(host=settings.metrics_host, port=settings.metrics_port)
    try:
        if listening is not None:
            listening.start()
        if worker is not None:
            worker.start()
        host, port = bound.getsockname()[:2]
        ready(f"{'https' if settings.tls_certificate else 'http'}://{host}:{port}")
        log.info("serving", host=host, port=port, sqlite=settings.sqlite, descriptors=descriptors)
        server.run(sockets=[bound])
    finally:
        if worker is not None:
            worker.stop()
        if listening is not None:
            listening.stop()
        executor.shutdown()
        bound.close()
        end_metrics()
        log.info("stopped")


def _tune() -> None:
    """Have the interpreter serve many small requests and pages of many rows."""
    # A handler gives the interpreter up at each statement; it shall not wait 5 ms for it each time the loop is busy.
    sys.setswitchinterval(SWITCH_S)
    # What is loaded by now stays, and rows are no cycles: looking for some took a tenth of a page's time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)


def _bind(settings: Settings) -> socket.socket:
    """The listening socket, bound before anything is announced; port 0 takes a free one."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # The protocol is named: only then asyncio turns off the delay of small packets, which costs 40 ms an answer.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except (OSError, OverflowError) as error:
        bound.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise UnavailableError(
            "port_unusable", host=settings.host, port=settings.port, reason=reason
        ) from None
    bound.listen(BACKLOG)
    return bound
