"""Bytes of attachments over HTTP: resumable uploads, reads for those who see the reference, nothing for others."""

import hashlib
from pathlib import Path

import pytest
from litestar.testing import TestClient

from domain.errors import UnavailableError
from domain.wire import codec
from domain.wire.attachments import CHUNK, AttachmentLimits, UploadBegin, UploadState
from domain.wire.commands import EditTicket
from domain.wire.sync import PushAnswer
from sync_server.api.attachments import Attachments
from sync_server.app import build, web_application
from sync_server.store import tables as t
from sync_server.store.engine import Store
from tests.sync_server.api.house import House, heard, opened, refused
from tests.sync_server.api.uploads import (
    CONTENT,
    HASH,
    PARTS,
    begin,
    fetch,
    files_of,
    new_ticket,
    ref_of,
    say,
    send_part,
    upload,
)
from tests.sync_server.chain import CountedIds


def test_content_goes_up_in_parts_and_comes_down_elsewhere(house: House) -> None:
    """What a store attached, head office reads, whole or by range, and no cache keeps it."""
    amy, max_ = house.sign_in("amy"), house.sign_in("max")
    ticket = new_ticket(house, amy, attachments=(ref_of(),))
    assert upload(house, amy) == UploadState(state="whole", offset=len(CONTENT))
    whole = fetch(house, max_, ticket)
    assert (whole.status_code, whole.content) == (200, CONTENT)
    assert (whole.headers["etag"], whole.headers["cache-control"]) == (f'"{HASH}"', "no-store")
    part = fetch(house, max_, ticket, range="bytes=10-19")
    assert (part.status_code, part.content) == (206, CONTENT[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(CONTENT)}"
    rest = fetch(house, max_, ticket, range=f"bytes={2 * CHUNK}-")
    assert rest.content == b"the end"
    assert refused(fetch(house, max_, ticket, range=f"bytes={len(CONTENT)}-")).status == 416


def test_upload_goes_on_where_it_broke_off(house: House) -> None:
    """After any break the server says from where; parts may come twice, late and in any order."""
    amy = house.sign_in("amy")
    assert heard(begin(house, amy), UploadState).offset == 0
    assert heard(send_part(house, amy, PARTS[0]), UploadState).offset == CHUNK
    assert heard(send_part(house, amy, PARTS[2]), UploadState).offset == CHUNK
    assert heard(send_part(house, amy, PARTS[0]), UploadState).offset == CHUNK
    assert heard(begin(house, amy), UploadState) == UploadState(state="partial", offset=CHUNK)
    assert heard(send_part(house, amy, PARTS[1]), UploadState).state == "whole"
    assert heard(begin(house, amy), UploadState).state == "whole"
    assert files_of(house.services) == {f"{HASH[:2]}/{HASH[2:]}"}


def test_all_parts_there_and_not_put_together_is_finished_by_the_last(house: House) -> None:
    """A server killed between the last part and the whole content asks for the last part once more."""
    amy = house.sign_in("amy")
    begin(house, amy)
    files = house.services.blob_files
    for offset in PARTS:
        files.put(HASH, "amy", offset, CONTENT[offset : offset + CHUNK])
    assert heard(begin(house, amy), UploadState) == UploadState(state="partial", offset=PARTS[2])
    assert heard(send_part(house, amy, PARTS[2]), UploadState).state == "whole"


def test_two_processes_take_one_upload_over_a_shared_folder(house: House) -> None:
    """Behind a balancer each part may come to another process; either serves the whole."""
    amy = house.sign_in("amy")
    ticket = new_ticket(house, amy, attachments=(ref_of(),))
    services = house.services
    second = build(services.settings, services.store, clock=services.clock, ids=CountedIds("2"))
    with TestClient(web_application(second)) as client:
        other = House(second, client, house.clock, house.chain)
        begin(house, amy)
        send_part(house, amy, PARTS[0])
        send_part(other, amy, PARTS[1])
        assert heard(begin(house, amy), UploadState).offset == PARTS[2]
        assert heard(send_part(other, amy, PARTS[2]), UploadState).state == "whole"
        assert heard(send_part(house, amy, PARTS[2]), UploadState).state == "whole"
        assert fetch(house, amy, ticket).content == fetch(other, amy, ticket).content == CONTENT


def test_wrong_hash_throws_the_upload_away(house: House) -> None:
    """A content that is not what it was announced as is kept nowhere, and may be uploaded anew."""
    amy = house.sign_in("amy")
    other = hashlib.sha256(b"other").hexdigest()
    begin(house, amy, b"something", other)
    assert refused(send_part(house, amy, 0, b"something", other)).code == "attachment_hash_mismatch"
    assert refused(send_part(house, amy, 0, b"something", other)).code == "attachment_not_begun"
    assert files_of(house.services) == set()


@pytest.mark.parametrize("offset", [1, CHUNK, 7 * CHUNK])
def test_part_that_does_not_fit_is_refused(house: House, offset: int) -> None:
    """Parts begin at multiples of their size and are as long as the announced size says."""
    amy = house.sign_in("amy")
    begin(house, amy)
    response = house.client.put(
        f"/v1/attachments/{HASH}/{offset}",
        content=b"short",
        headers={"authorization": f"Bearer {amy.tokens.access_token}"},
    )
    assert refused(response).code == "attachment_chunk"
    assert files_of(house.services) == set()


def test_part_beyond_its_size_is_refused_unread(house: House) -> None:
    """A part is 1 MiB at most, whatever is sent."""
    amy = house.sign_in("amy")
    begin(house, amy)
    response = house.client.put(
        f"/v1/attachments/{HASH}/0",
        content=bytes(CHUNK + 1),
        headers={"authorization": f"Bearer {amy.tokens.access_token}"},
    )
    assert refused(response).status == 413


def test_size_announced_wrong_begins_anew(house: House) -> None:
    """The size a person announced last counts; parts of another size are dropped."""
    amy = house.sign_in("amy")
    house.post(f"/attachments/{HASH}", UploadBegin(size=2 * CHUNK), amy.tokens.access_token)
    send_part(house, amy, 0)
    assert heard(begin(house, amy), UploadState).offset == 0
    assert upload(house, amy).state == "whole"


def test_two_people_upload_the_same_content_apart(house: House) -> None:
    """Nobody learns that a content is there already; both uploads end in one file."""
    amy, ben = house.sign_in("amy"), house.sign_in("ben")
    begin(house, amy)
    send_part(house, amy, PARTS[0])
    assert heard(begin(house, ben), UploadState) == UploadState(state="partial", offset=0)
    upload(house, amy)
    assert heard(begin(house, ben), UploadState) == UploadState(state="partial", offset=0)
    upload(house, ben)
    assert files_of(house.services) == {f"{HASH[:2]}/{HASH[2:]}"}


def test_others_hashes_are_neither_served_nor_confirmed(house: House) -> None:
    """Out of scope, another ticket, an unknown ticket or hash: the same answer to the byte."""
    amy, ben = house.sign_in("amy"), house.sign_in("ben")
    ticket = new_ticket(house, amy, attachments=(ref_of(),))
    upload(house, amy)
    own = new_ticket(house, ben, "e2")
    nothing = hashlib.sha256(b"nothing").hexdigest()
    answers = [
        fetch(house, ben, ticket),  # there, and not theirs
        fetch(house, ben, ticket, nothing),
        fetch(house, ben, own),  # there, in another ticket
        fetch(house, ben, "unknown"),
        fetch(house, ben, ""),
        fetch(house, ben, own, "no-hash"),
        fetch(house, amy, ticket, nothing),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert refused(answers[0]).code == "attachment_not_found"


def test_naming_a_hash_in_an_own_ticket_opens_nothing(house: House) -> None:
    """Whoever knows a hash and not the bytes gets what they would get if nobody had ever uploaded them."""
    amy, ben = house.sign_in("amy"), house.sign_in("ben")
    new_ticket(house, amy, attachments=(ref_of(),))
    upload(house, amy)
    nothing = ref_of(b"nothing")
    own = new_ticket(house, ben, "e2", attachments=(ref_of(), nothing))
    known, unknown = fetch(house, ben, own), fetch(house, ben, own, nothing.hash)
    assert refused(known).code == "attachment_awaited"
    assert known.content == unknown.content
    upload(house, ben)
    assert fetch(house, ben, own).content == CONTENT


def test_class_of_the_row_decides(house: House) -> None:
    """An internal note's attachment is served to those who see the note; erased rows serve nobody."""
    amy, max_ = house.sign_in("amy"), house.sign_in("max")
    ticket = new_ticket(house, amy, cc=("ben",))
    ben = house.sign_in("ben")
    say(house, amy, ticket, internal=True)
    upload(house, amy)
    assert fetch(house, max_, ticket).status_code == 200
    assert refused(fetch(house, ben, ticket)).code == "attachment_not_found"
    with house.services.store.write() as conn:
        conn.execute(t.entry.update().where(t.entry.c.ticket == ticket).values(erased=True))
        conn.commit()
    assert refused(fetch(house, max_, ticket)).code == "attachment_not_found"


def test_moved_ticket_takes_its_attachments_along(house: House) -> None:
    """Who may read follows the ticket's place of now."""
    amy, ben = house.sign_in("amy"), house.sign_in("ben")
    ticket = new_ticket(house, amy, attachments=(ref_of(),), requester="")
    upload(house, amy)
    with house.services.store.write() as conn:
        conn.execute(t.ticket.update().values(org="e2", creator=None))
        conn.commit()
    assert fetch(house, ben, ticket).content == CONTENT
    assert refused(fetch(house, amy, ticket)).code == "attachment_not_found"


def test_nobody_without_a_token(house: House) -> None:
    """Every address asks who is there first."""
    answers = [
        house.get("/attachments"),
        house.post(f"/attachments/{HASH}", UploadBegin(size=1)),
        house.client.put(f"/v1/attachments/{HASH}/0", content=b"x"),
        house.get(f"/attachments/{HASH}?ticket=x"),
    ]
    assert [refused(answer).code for answer in answers] == ["token_missing"] * 4


def test_limits_are_told_and_kept(store: Store, tmp_path: Path) -> None:
    """What the operator sets holds for uploads and for references, and clients are told."""
    with opened(store, tmp_path, attachment_mb=1, attachment_files=1, attachment_allowed="jpg .PNG") as house:
        amy = house.sign_in("amy")
        told = heard(house.get("/attachments", amy.tokens.access_token), AttachmentLimits)
        assert (told.most_bytes, told.most_files, told.allowed) == (1 << 20, 1, ("jpg", "png"))
        assert refused(begin(house, amy)).code == "attachment_too_large"
        small = ref_of(b"small", "a.pdf")
        command = house.chain.create("e1", attachments=(small,))
        answer = heard(house.push(amy, command), PushAnswer)
        assert [one.code for one in answer.verdicts] == ["attachment_blocked"]


def test_full_disk_and_quota_refuse_before_a_byte_comes(store: Store, tmp_path: Path) -> None:
    """A full disk is passing trouble (507); too much that no ticket refers to is the person's own."""
    with opened(store, tmp_path, attachment_keep_free_mb=1 << 40) as house:
        problem = refused(begin(house, house.sign_in("amy")))
        assert (problem.code, problem.status) == ("storage_full", 507)


def test_quota_is_of_what_no_ticket_refers_to(store: Store, tmp_path: Path) -> None:
    """What a ticket refers to and is whole counts no more."""
    with opened(store, tmp_path, attachment_quota_mb=3) as house:
        amy = house.sign_in("amy")
        upload(house, amy)
        other = bytes(CHUNK + 5)
        assert refused(begin(house, amy, other)).code == "attachment_quota"
        new_ticket(house, amy, attachments=(ref_of(),))
        assert heard(begin(house, amy, other), UploadState).state == "partial"


def test_form_field_for_insiders_is_served_to_insiders(house: House) -> None:
    """References of form values obey the class of their field."""
    amy, max_ = house.sign_in("amy"), house.sign_in("max")
    with house.services.store.write() as conn:
        body = (
            '{"id":"complaint","version":1,"name":"C","category_required_at":"never","fields":'
            '[{"key":"proof","label":"Proof","kind":"photo","field_class":"internal"}]}'
        )
        conn.execute(t.config.update().where(t.config.c.kind == "template").values(body=body))
        conn.execute(t.counter.update().where(t.counter.c.name == "config").values(value=2))
        conn.commit()
    ticket = new_ticket(house, amy, cc=("ben",))
    edit = EditTicket(values={"fields.proof": [codec.decode(codec.encode(ref_of()), dict)]})
    answer = heard(house.push(amy, house.chain.command("edit", edit, ticket=ticket), push_no=2), PushAnswer)
    assert [one.status for one in answer.verdicts] == ["applied"]
    upload(house, amy)
    assert fetch(house, max_, ticket).status_code == 200
    assert refused(fetch(house, house.sign_in("ben"), ticket)).code == "attachment_not_found"


def test_text_keeps_its_places_while_parts_come_slowly(house: House) -> None:
    """Only a few transfers at once are worked on; others get a time to come back."""
    amy = house.sign_in("amy")
    gate = Attachments(house.services)
    places = max(1, house.services.settings.pool_size // 2)
    held = [gate.slot() for _ in range(places)]
    for one in held:
        one.__enter__()
    with pytest.raises(UnavailableError, match="busy"), gate.slot():
        pass
    for one in held:
        one.__exit__(None, None, None)
    assert heard(begin(house, amy), UploadState).offset == 0
