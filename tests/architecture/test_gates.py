"""Each outside library has one gate: the only places that may import it."""

import sys
from collections.abc import Mapping

import pytest

from tests.architecture.source import SHIPPED, modules

_QT = ("desktop/ui", "desktop/app.py")
_WEB = ("sync_server/api", "sync_server/app.py")
_SQL = (
    "desktop/replica",
    "sync_server/store",
    "sync_server/access",
    "sync_server/feed",
    "sync_server/reports",
)
_IDS = (
    "desktop/clock.py",
    "sync_server/clock.py",
)  # an identifier holds the time and chance: never in the domain

GATES: Mapping[str, tuple[str, ...]] = {
    "PySide6": _QT,
    "shiboken6": _QT,
    "pyqtgraph": _QT,
    "qtawesome": _QT,
    "litestar": _WEB,
    "sqlalchemy": _SQL,
    "alembic": _SQL,
    "sqlite3": _SQL,
    "sqlcipher3": _SQL,
    "psycopg": _SQL,
    "keyring": ("desktop/credentials.py",),
    "requests": ("desktop/sync", "sync_server/channels"),
    "truststore": ("desktop/sync",),
    "apscheduler": ("desktop/reminders.py", "sync_server/jobs"),
    "uuid_utils": _IDS,
    "uuid": _IDS,
}

# The domain is pure: these reach outside the process, or make it depend on more than its arguments.
_IMPURE = {
    "os",
    "sys",
    "pathlib",
    "io",
    "subprocess",
    "threading",
    "socket",
    "time",
    "random",
    "logging",
    "asyncio",
}
_DOMAIN_MAY_IMPORT = {"msgspec", "domain"}


@pytest.mark.parametrize("library", sorted(GATES))
def test_library_is_imported_only_at_its_gate(library: str) -> None:
    """A library can be replaced by changing the files at its gate (names for types may pass)."""
    strays = [
        f"{module.name}:{found.line}"
        for module in modules(*SHIPPED)
        if not module.lies_in(GATES[library])
        for found in module.imports
        if found.module.split(".")[0] == library and not found.for_types_only
    ]
    assert not strays, f"{library} belongs in {', '.join(GATES[library])} only"


def test_domain_is_pure() -> None:
    """The domain imports msgspec, itself, and what in the standard library touches nothing outside."""
    allowed = (sys.stdlib_module_names - _IMPURE) | _DOMAIN_MAY_IMPORT
    strays = [
        f"{module.name}:{found.line} {found.module}"
        for module in modules("domain")
        for found in module.imports
        if found.module.split(".")[0] not in allowed
    ]
    assert not strays


def test_shipped_code_does_not_import_tests() -> None:
    """What is shipped runs without the tests and the developer's tools."""
    strays = [
        f"{module.name}:{found.line}"
        for module in modules(*SHIPPED)
        for found in module.imports
        if found.module.split(".")[0] in {"tests", "dev", "pytest", "hypothesis", "time_machine"}
    ]
    assert not strays
