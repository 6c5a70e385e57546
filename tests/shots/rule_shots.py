"""Pictures of macros and explanations: python -m tests.shots.rule_shots OUT [NAME…]."""

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from desktop.sync.explaining import Explaining
from desktop.ui.tickets.pick import Pick
from domain.entities.people import MANAGE
from domain.wire.explaining import ExplainAnswer, ExplainRequest
from tests.shots.every import every
from tests.shots.stage import Stage, picture, settle

SMALL = (1366, 768)


class _Nobody:
    """No server to ask."""

    def explain(self, request: ExplainRequest) -> ExplainAnswer:
        """Nothing more than is known here."""
        return ExplainAnswer()


def pick(stage: Stage) -> None:
    """Choosing a macro."""
    stage.choose("strawberries")
    stage.window.actions_.press("macro")
    settle(0.8)


def preview(stage: Stage) -> None:
    """What a macro would do, with its reply."""
    pick(stage)
    popover = stage.window.acting.popover
    assert isinstance(popover, Pick)
    popover.picked.emit("ask_photo")
    settle(0.8)


def composer(stage: Stage) -> None:
    """Choosing a macro while a reply is being written."""
    stage.choose("strawberries")
    stage.window.actions_.press("reply")
    settle(0.3)
    stage.window.actions_.press("macro")
    settle(0.8)


def explain(stage: Stage) -> None:
    """Why a ticket is as it is, as far as it is known here."""
    object.__setattr__(stage.session, "explaining", Explaining(_Nobody(), stage.session.replica))
    stage.choose("strawberries")
    stage.window.actions_.press("explain")


STATES: dict[str, Callable[[Stage], None]] = {
    "pick": pick,
    "preview": preview,
    "composer": composer,
    "explain": explain,
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


def main(arguments: Sequence[str]) -> int:
    """Draw all, or those that are named."""
    return every(list(arguments), STATES, shoot)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
