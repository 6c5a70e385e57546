"""What a person has read the server learns, whenever the network is back; whoever urged is told."""

from collections.abc import Callable

from desktop.commands.local import mark_notices_seen
from desktop.replica import notices as replica_notices
from desktop.replica.queries.notices import notices, urges_read
from domain.wire.sync import Notice
from sync_server.clock import SystemIds
from sync_server.store.notices import read_at, write_notices
from sync_server.store.unit_of_work import UnitOfWork
from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office

Make = Callable[..., Desktop]


def _urged(office: Office, ticket: str, entry: str, to: str) -> None:
    """Tell a person that the one who made a timeline row urges them."""
    with office.store.write() as conn:
        work = UnitOfWork(conn, nonces=SystemIds(), at=office.services.clock.now())
        detail = {"number": "1", "entry": entry}
        write_notices(
            work, [(to, Notice(id=f"n-{to}", ticket=ticket, kind="urged", at=work.at, detail=detail))]
        )
        work.commit()


def _read_at(office: Office, notice: str) -> int | None:
    with office.store.read() as conn:
        return read_at(conn, notice)


def test_an_urge_read_offline_is_told_to_whoever_urged(office: Office, desktop: Make) -> None:
    """Read while the server is away, told when it is back, once; the one who urged sees who read it and when."""
    amy, max = desktop(office.address, "amy"), desktop(office.address, "max")
    amy.settle()
    id = amy.create("Please hurry")
    amy.settle()
    (entry,) = (one.id for one in amy.entries(id) if one.kind == "created")
    _urged(office, id, entry, "max")
    max.engine.poke()
    max.settle()
    office.shut()
    mark_notices_seen(max.replica, ["n-max"], 1_795_000_000_000)
    max.engine.try_now()
    assert "failed" in max.did()
    assert _read_at(office, "n-max") is None
    office.open()
    max.engine.try_now()
    max.settle()
    first = _read_at(office, "n-max")
    assert first is not None
    with max.replica.read() as conn:
        assert replica_notices.untold(conn, 9) == ()
    amy.engine.poke()
    amy.settle()
    with amy.replica.read() as conn:
        assert urges_read(conn, id) == [("max", first)]
        assert [one.kind for one in notices(conn)] == ["urge_read"]


def test_nobody_reads_for_another(office: Office, desktop: Make) -> None:
    """A notice of another person stays unread whatever a desktop says; the first reading of an own one counts."""
    amy = desktop(office.address, "amy")
    amy.settle()
    id = amy.create("Please hurry")
    amy.settle()
    _urged(office, id, "none", "max")
    office.services.receipts.take("amy", ["n-max", "unknown"], at=5)
    assert _read_at(office, "n-max") is None
    office.services.receipts.take("max", ["n-max"], at=6)
    office.services.receipts.take("max", ["n-max"], at=7)
    assert _read_at(office, "n-max") == 6
