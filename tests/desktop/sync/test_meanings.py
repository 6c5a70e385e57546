"""What a failed push is taken for."""

import pytest

from desktop.sync.meanings import blames_batch
from domain.errors import GongdanError, RefusedError, UnavailableError


@pytest.mark.parametrize("code", ["disk_full", "database_away", "busy", "not_our_server"])
def test_the_servers_surroundings_are_never_the_batchs_fault(code: str) -> None:
    """A server without room or without its database says nothing of the commands, however well pulls go."""
    assert not blames_batch(UnavailableError(code))


@pytest.mark.parametrize("error", [UnavailableError("timeout"), RefusedError("bad_message")])
def test_what_may_be_the_batchs_fault_is_looked_into(error: GongdanError) -> None:
    """Where the batch may be to blame, a pull that succeeds has to decide."""
    assert blames_batch(error)
