"""The panel that says why a ticket is as it is."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from desktop.sync.explaining import Explaining
from desktop.ui.tickets.explain import Explain
from domain.entities.explaining import Section
from domain.entities.sla import Reason
from domain.wire.explaining import ExplainAnswer, ExplainRequest
from tests.desktop.ui.keys import focused
from tests.desktop.ui.tickets.conftest import Opener
from tests.desktop.ui.world import World

_UNFIT = {"name": "理赔时限", "field": "template", "op": "is", "value": "claim", "actual": "complaint"}


class _Server:
    """Says of each ticket that one policy does not apply."""

    def explain(self, request: ExplainRequest) -> ExplainAnswer:
        """One section."""
        reason = Reason(key="explain.policy_not", args=_UNFIT)
        return ExplainAnswer(sections=(Section(name="policy", reasons=(reason,)),))


def test_scenarios_go_by_their_names(world: World, open_desk: Opener) -> None:
    """Shift+W asks the server; a condition names scenarios as people do, the ticket's own and others."""
    world.session = replace(world.session, explaining=Explaining(_Server(), world.replica))
    id = world.confirmed("草莓发霉", "104746")
    desk = open_desk()
    desk.choose(id)
    QTest.keyClick(focused(), Qt.Key.Key_W, Qt.KeyboardModifier.ShiftModifier)
    panel = desk.popover()
    assert isinstance(panel, Explain)
    desk.qtbot.waitUntil(lambda: not panel._told.isVisible())
    panel._copy()
    said = QGuiApplication.clipboard().text()
    assert "场景 为 理赔" in said
    assert "当前为 门店客诉" in said
