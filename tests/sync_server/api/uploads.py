"""Uploads as clients make them, for the tests of attachments."""

import hashlib
from typing import Any

import httpx

from domain.wire.attachments import CHUNK, AttachmentRef, UploadBegin, UploadState
from domain.wire.commands import Reply
from domain.wire.identity import SignedIn
from domain.wire.sync import PushAnswer
from sync_server.api.services import Services
from tests.sync_server.api.house import House, heard

CONTENT = bytes(range(256)) * (CHUNK // 256) * 2 + b"the end"
HASH = hashlib.sha256(CONTENT).hexdigest()
PARTS = (0, CHUNK, 2 * CHUNK)


def ref_of(content: bytes = CONTENT, name: str = "till.jpg") -> AttachmentRef:
    """A reference to a content."""
    return AttachmentRef(
        hash=hashlib.sha256(content).hexdigest(), name=name, size=len(content), type="image/jpeg"
    )


def begin(house: House, who: SignedIn, content: bytes = CONTENT, hash: str = "") -> httpx.Response:
    """Begin an upload, or ask how far it is."""
    hash = hash or hashlib.sha256(content).hexdigest()
    return house.post(f"/attachments/{hash}", UploadBegin(size=len(content)), who.tokens.access_token)


def send_part(
    house: House, who: SignedIn, offset: int, content: bytes = CONTENT, hash: str = ""
) -> httpx.Response:
    """Send the part of a content that begins at an offset."""
    hash = hash or hashlib.sha256(content).hexdigest()
    return house.client.put(
        f"/v1/attachments/{hash}/{offset}",
        content=content[offset : offset + CHUNK],
        headers={"authorization": f"Bearer {who.tokens.access_token}"},
    )


def upload(house: House, who: SignedIn, content: bytes = CONTENT) -> UploadState:
    """Upload a content whole."""
    state = heard(begin(house, who, content), UploadState)
    while state.state == "partial":
        state = heard(send_part(house, who, state.offset, content), UploadState)
    return state


def new_ticket(house: House, who: SignedIn, org: str = "e1", push_no: int = 1, **values: Any) -> str:
    """Make a ticket; returns its id."""
    command = house.chain.create(org, **values)
    answer = heard(house.push(who, command, push_no=push_no), PushAnswer)
    assert [one.status for one in answer.verdicts] == ["applied"]
    return command.ticket_id


def say(house: House, who: SignedIn, ticket: str, *, internal: bool = False, push_no: int = 2) -> None:
    """Write into a ticket, with the content attached."""
    intent = Reply(body="look", internal=internal, attachments=(ref_of(),))
    command = house.chain.command("reply", intent, ticket=ticket)
    answer = heard(house.push(who, command, push_no=push_no), PushAnswer)
    assert [one.status for one in answer.verdicts] == ["applied"]


def fetch(house: House, who: SignedIn, ticket: str, hash: str = HASH, **headers: str) -> httpx.Response:
    """Ask for a content by a ticket."""
    return house.get(f"/attachments/{hash}?ticket={ticket}", who.tokens.access_token, **headers)


def files_of(services: Services) -> set[str]:
    """The files in the folder of contents."""
    folder = services.settings.blob_folder
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
