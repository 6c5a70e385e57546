"""Contents that are missing, unfinished, unused or erased."""

from domain.wire.attachments import CHUNK, UploadState
from sync_server.jobs.blobs import DAY_MS, BlobClean
from sync_server.store import blobs
from sync_server.store import tables as t
from sync_server.store.blobs import missing_blobs
from tests.sync_server.api.house import House, heard, refused
from tests.sync_server.api.uploads import (
    CONTENT,
    HASH,
    begin,
    fetch,
    files_of,
    new_ticket,
    ref_of,
    send_part,
    upload,
)


def test_what_is_missing_is_named(house: House) -> None:
    """After a restore an operator learns which contents are lost, and which were never here; uploading heals."""
    amy = house.sign_in("amy")
    services = house.services

    def missing() -> list[bool]:
        with services.store.read() as conn:
            return [one.awaited for one in missing_blobs(conn, services.blob_files)]

    ticket = new_ticket(house, amy, attachments=(ref_of(),))
    assert missing() == [True]
    upload(house, amy)
    assert missing() == []
    services.blob_files.remove(HASH)
    assert missing() == [False]
    assert refused(fetch(house, amy, ticket)).code == "attachment_awaited"
    assert upload(house, amy).state == "whole"
    assert missing() == []


def _clean(house: House) -> int:
    job = BlobClean(house.services.store, house.services.blob_files, clock=house.clock)
    return job.run()


def test_unfinished_uploads_go_after_a_week(house: House) -> None:
    """Parts and row go together; one that was gone on with stays."""
    amy, ben = house.sign_in("amy"), house.sign_in("ben")
    for who in (amy, ben):
        begin(house, who)
        send_part(house, who, 0)
    house.clock.at += 5 * DAY_MS
    amy = house.sign_in("amy", amy.device.id)
    begin(house, amy)
    house.clock.at += 3 * DAY_MS
    assert _clean(house) == 1
    with house.services.store.read() as conn:
        assert blobs.upload_of(conn, HASH, "amy") is not None
        assert blobs.upload_of(conn, HASH, "ben") is None
    amy = house.sign_in("amy", amy.device.id)
    assert heard(begin(house, amy), UploadState).offset == CHUNK


def test_contents_nothing_refers_to_go_after_a_month(house: House) -> None:
    """What a ticket refers to stays for ever; what two people hold goes with the second."""
    amy, ben = house.sign_in("amy"), house.sign_in("ben")
    upload(house, amy)
    house.clock.at += 20 * DAY_MS
    ben = house.sign_in("ben", ben.device.id)
    upload(house, ben)
    house.clock.at += 11 * DAY_MS
    _clean(house)
    assert house.services.blob_files.holds(HASH, len(CONTENT))
    amy = house.sign_in("amy", amy.device.id)
    new_ticket(house, amy, attachments=(ref_of(b"kept"),))
    upload(house, amy, b"kept")
    house.clock.at += 40 * DAY_MS
    _clean(house)
    assert files_of(house.services) == {f"{ref_of(b'kept').hash[:2]}/{ref_of(b'kept').hash[2:]}"}


def test_erased_rows_give_their_contents_up_at_once(house: House) -> None:
    """Erasing a customer takes the bytes of what was attached with the next cleaning."""
    amy = house.sign_in("amy")
    ticket = new_ticket(house, amy, attachments=(ref_of(),))
    upload(house, amy)
    with house.services.store.write() as conn:
        conn.execute(t.entry.update().where(t.entry.c.ticket == ticket).values(erased=True))
        conn.commit()
    _clean(house)
    assert files_of(house.services) == set()
