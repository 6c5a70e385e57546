"""docs/protocol.md is true: its examples are sent to a real server, and every message and kind of command is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from domain.entities.ticket import Entry, PersonalValue, Ticket
from domain.wire.commands import INTENTS
from domain.wire.sync import ConfigRow, Put
from sync_server.api.description import ENDPOINTS
from tests.desktop.sync.office import Office
from tests.docs.examples import Player, examples

DOCUMENT = Path(__file__).parents[2] / "docs" / "protocol.md"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A server with the small chain in it."""
    made = Office(tmp_path / "server")
    yield made
    made.close()


def test_examples_are_answered_as_they_say(office: Office) -> None:
    """Each question of the document, sent in its order, gets the answer that stands under it."""
    player = Player(office.address)
    told = examples(DOCUMENT)
    assert len(told) >= 10
    wrong = [f"line {one.line}: {what}" for one in told for what in player.play(one)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ticket", Ticket),
        ("timeline row", Entry),
        ("personal value", PersonalValue),
        ("`Put`", Put),
        ("`ConfigRow`", ConfigRow),
    ],
)
def test_arrays_are_told_in_order(name: str, kind: type[Struct]) -> None:
    """The fields of each array stand in the document in the order in which they travel."""
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    (row,) = [line for line in lines if line.startswith(f"| {name} | ")]
    told = row.strip("| ").partition(" | ")[2].split(", ")
    assert told == list(kind.__struct_fields__)


def test_every_address_and_command_is_told() -> None:
    """A client can be written from the document: no address and no kind of command is missing in it."""
    text = DOCUMENT.read_text(encoding="utf-8")
    missing = [one.path for one in ENDPOINTS if one.path not in text]
    missing += [kind for kind in INTENTS if f"`{kind}`" not in text and kind != "route"]
    assert missing == []
