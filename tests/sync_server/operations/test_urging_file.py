"""How urging is set in a file: written back as it was read, and refused where it can't be."""

import msgspec
import pytest

from domain.entities.urging import Urging
from domain.errors import InvalidInputError
from sync_server.operations.configuration.desk_shapes import UrgingShape, build_urging, urging_file


@pytest.mark.parametrize(
    "shape",
    [
        UrgingShape(),
        UrgingShape(line="delivery", cooldown="30 minutes", daily_cap=0, level="1 hour", automatic=True),
    ],
)
def test_file_is_written_as_it_was_read(shape: UrgingShape) -> None:
    """Reading and writing are each other's reverse, and the defaults are those of the rules."""
    assert urging_file(build_urging("u", shape)) == shape
    assert build_urging("u", UrgingShape()) == Urging(id="u")


def test_lengths_that_say_nothing_are_refused() -> None:
    """A length without a unit, and a negative cap, name what is wrong."""
    with pytest.raises(InvalidInputError):
        build_urging("u", UrgingShape(level="soon"))
    with pytest.raises(InvalidInputError):
        build_urging("u", msgspec.structs.replace(UrgingShape(), daily_cap=-1))
    with pytest.raises(InvalidInputError, match="config_urging_level"):
        build_urging("u", UrgingShape(level="0 minutes"))
