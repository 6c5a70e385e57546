"""Explaining a ticket at the desktop: offline what is known here, else what the server says."""

from collections.abc import Callable

import pytest

from desktop.replica.engine import Replica
from desktop.sync.explaining import Explaining
from domain.entities.explaining import Section
from domain.entities.sla import Reason
from domain.errors import RefusedError
from domain.wire.explaining import ExplainAnswer, ExplainRequest
from tests.desktop.replica.conftest import ann, bob, desk, opened
from tests.desktop.replica.station import Station
from tests.desktop.sync.desktop import Desktop
from tests.desktop.sync.office import Office

__all__ = ["ann", "bob", "desk", "opened"]


class Server:
    """Answers with one section, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def explain(self, request: ExplainRequest) -> ExplainAnswer:
        """One section about the ticket."""
        self.asked.append(request.ticket)
        return ExplainAnswer(sections=(Section(name="triggers", reasons=(Reason(key="k"),)),))


def test_offline_what_is_known_is_told(ann: Station) -> None:
    """Which policy applies, and that rules are known to the server alone; nothing is asked."""
    server, replica = Server(), ann.replica
    assert isinstance(replica, Replica)
    id = ann.create()
    found = {one.name: one.reasons for one in Explaining(server, replica).known(id, 0)}
    assert [one.key for one in found["triggers"]] == ["explain.rules_unknown"]
    assert found["policy"]
    assert not server.asked
    assert Explaining(server, replica).known("gone", 0) == ()


def test_online_the_server_is_asked(ann: Station) -> None:
    """Its sections are shown as they come."""
    server = Server()
    id = ann.create()
    assert [one.name for one in Explaining(server, ann.replica).ask(id)] == ["triggers"]
    assert server.asked == [id]


def test_over_http_the_server_answers(office: Office, desktop: Callable[..., Desktop]) -> None:
    """The client's address is one the server listens at; what nobody may see is refused as what is not there."""
    amy = desktop(office.address, "amy")
    amy.settle()
    id = amy.create("Cold soup")
    amy.settle()
    explaining = Explaining(amy.signed_on.transport, amy.replica)
    assert "policy" in [one.name for one in explaining.ask(id)]
    with pytest.raises(RefusedError, match="out_of_scope"):
        explaining.ask("f" * 32)
