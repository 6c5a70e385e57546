"""The sync panel after a day without the server: more waits than is in sight at once."""

from collections.abc import Callable

from desktop.commands.hand_over import transfer
from desktop.commands.members import tag
from desktop.commands.write import note, reply
from desktop.sync.state import SyncState
from domain.wire.commands import TransferTicket
from tests.desktop.ui.world import START
from tests.shots.stage import Stage, settle


def outbox(stage: Stage) -> None:
    """Nine changes since this morning, the list scrolled to in the panel."""
    runner, session = stage.session.runner, stage.session
    ticket, other = stage.ids["strawberries"], stage.ids["weekend"]
    moved = reply(runner, ticket, body="陈女士您好，退款 89 元将在 1–3 个工作日内原路退回。")
    moved |= note(runner, other, body="司机已签字，等供应商回复。")
    moved |= tag(runner, [ticket], add=("vip",))
    moved |= transfer(runner, [other], to=TransferTicket(org="HQ-FI", note="请核对退款路径"))
    for number in range(5):
        moved |= note(runner, ticket, body=f"第 {number + 1} 次电话没有接通，下午再打。")
    session.bridge.announce(moved)
    stage.world.clock.at += 3 * 3_600_000 + 25 * 60_000
    stage.world.sync.state = SyncState(
        connection="offline",
        unsent=9,
        verified_at=START - 40_000,
        retry_at=stage.world.clock.at + 38_000,
        lease_until_at=START + 12 * 86_400_000,
        trouble="connection_lost",
    )
    session.bridge.announce_state(stage.world.sync.state)
    settle(2.6)
    stage.window.actions_.press("sync_panel")
    settle()


SYNC: dict[str, Callable[[Stage], None]] = {"outbox": outbox}
