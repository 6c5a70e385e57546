"""Pictures of tickets that belong together, and of urging: python -m tests.shots.together_shots OUT [NAME…]."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from desktop.commands import together
from desktop.commands.hand_over import assign, transfer
from desktop.commands.status import close, resolve
from desktop.commands.write import edit, note
from desktop.ui.tickets.link_to import LinkTo
from desktop.ui.tickets.split import Split
from desktop.ui.tickets.urge import UrgeForm
from domain.entities.people import MANAGE
from domain.wire.commands import TransferTicket
from domain.wire.sync import Notice
from domain.wire.together_commands import MergeTicket
from tests.shots.every import every
from tests.shots.stage import Stage, picture, settle

SMALL = (1366, 768)
DONE = {"measure": "已换新。", "responsible": "store", "result": "satisfied"}


def _one(stage: Stage) -> str:
    return stage.ids["strawberries"]


def _other(stage: Stage) -> str:
    return next(id for key, id in stage.ids.items() if key != "strawberries")


def _press(stage: Stage, action: str) -> None:
    stage.choose("strawberries")
    stage.window.actions_.press(action)
    settle(0.8)


def merge(stage: Stage) -> None:
    """Merging into another: who will see more, and that it is another customer."""
    _press(stage, "merge")
    popover = stage.window.acting.popover
    assert popover is not None
    popover._into.field.setText("机")  # type: ignore[attr-defined]
    popover._into.search("机")  # type: ignore[attr-defined]
    settle(0.8)


def pointer(stage: Stage) -> None:
    """A ticket that was merged into another."""
    stage.session.bridge.announce(
        together.merge(
            stage.session.runner, _one(stage), into=MergeTicket(into=_other(stage), confirmed=True)
        )
    )
    stage.choose("strawberries")
    settle(0.8)


def split(stage: Stage) -> None:
    """Splitting: messages ticked, the subject of the new ticket."""
    stage.session.bridge.announce(note(stage.session.runner, _one(stage), body="另外门口的灯也坏了。"))
    _press(stage, "split")
    popover = stage.window.acting.popover
    assert isinstance(popover, Split)
    popover._subject.set_value("门口的灯坏了")
    popover.tick(popover._ticks[-1][0])
    settle(0.5)


def links(stage: Stage) -> None:
    """The tab of links."""
    runner, one = stage.session.runner, _one(stage)
    ids = [id for key, id in stage.ids.items() if key != "strawberries"]
    for id, relation in zip(ids, ("related", "child_of", "parent_of"), strict=False):
        stage.session.bridge.announce(together.link(runner, one, to=id, relation=relation))
    stage.choose("strawberries")
    stage.window.pane.desk.body.choose("links")
    settle(0.8)


def link(stage: Stage) -> None:
    """Choosing what to link with."""
    _press(stage, "link")
    popover = stage.window.acting.popover
    assert isinstance(popover, LinkTo)
    popover._other.search("店")
    settle(0.5)


def problem(stage: Stage) -> None:
    """A solved problem whose incidents are open still."""
    runner, one = stage.session.runner, _one(stage)
    edit(runner, [one], values={"type": "problem"})
    together.link(runner, _other(stage), to=one, relation="incident_of")
    stage.session.bridge.announce(resolve(runner, [one], fields=DONE))
    stage.choose("strawberries")
    settle(0.8)


def urge(stage: Stage) -> None:
    """Urging, with where the ladder stands."""
    stage.session.bridge.announce(assign(stage.session.runner, [_one(stage)], assignee="wangfang"))
    _press(stage, "urge")
    popover = stage.window.acting.popover
    assert isinstance(popover, UrgeForm)
    popover._reason.set_value("客户又来电")
    settle(0.5)


def urged(stage: Stage) -> None:
    """A ticket that was urged, and urged again too soon."""
    runner, one = stage.session.runner, _one(stage)
    assign(runner, [one], assignee="wangfang")
    stage.session.bridge.announce(together.urge(runner, [one], reason="客户又来电"))
    _press(stage, "urge")


def urge_read(stage: Stage) -> None:
    """An urge that was read: by whom, above the composer and in the form for the next."""
    runner, one = stage.session.runner, _one(stage)
    assign(runner, [one], assignee="lina")
    stage.session.bridge.announce(together.urge(runner, [one], reason="客户又来电"))
    at = stage.world.clock.now() + 60_000
    stage.world.notices(Notice(id="read", ticket=one, kind="urge_read", at=at, detail={"by": "lina"}))
    stage.choose("strawberries")
    settle(0.8)


def task_date(stage: Stage) -> None:
    """By when a task is to be done."""
    edit(stage.session.runner, [_one(stage)], values={"type": "task"})
    _press(stage, "task_date")


def follow_up(stage: Stage) -> None:
    """A new ticket that follows a closed one."""
    runner, one = stage.session.runner, _one(stage)
    resolve(runner, [one], fields=DONE)
    stage.session.bridge.announce(close(runner, [one]))
    _press(stage, "follow_up")
    settle(1.5)


def hand_back(stage: Stage) -> None:
    """Returning what was sent to the wrong place."""
    moved = transfer(stage.session.runner, [_one(stage)], to=TransferTicket(assignee="wangfang", note="试试"))
    stage.session.bridge.announce(moved)
    _press(stage, "hand_back")


STATES: dict[str, Callable[[Stage], None]] = {
    "merge": merge,
    "pointer": pointer,
    "split": split,
    "links": links,
    "link": link,
    "problem": problem,
    "urge": urge,
    "urged": urged,
    "urge_read": urge_read,
    "task_date": task_date,
    "follow_up": follow_up,
    "hand_back": hand_back,
}


def shoot(name: str, file: Path) -> None:
    """Draw one state."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), level=MANAGE)
        stage.show(SMALL)
        try:
            STATES[name](stage)
            picture(stage.window).save(str(file))
        finally:
            stage.close()


if __name__ == "__main__":
    sys.exit(every(sys.argv[1:], STATES, shoot))
