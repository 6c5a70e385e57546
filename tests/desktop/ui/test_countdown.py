"""What an SLA clock shows."""

import pytest

from desktop.ui.countdown import Countdown, SlaState, countdown_text, figures, spoken
from desktop.ui.text import set_language

NOW_AT = 1_763_620_350_000


def shown(countdown: Countdown) -> tuple[SlaState, str]:
    """State and text at the moment of the tests."""
    state, seconds = countdown.at(NOW_AT)
    return state, countdown_text(state, seconds)


@pytest.mark.parametrize(
    ("left_s", "state", "text"),
    [
        (13_280, SlaState.RUNNING, "03:41:20"),
        (1_201, SlaState.RUNNING, "00:20:01"),
        (1_200, SlaState.SOON, "00:20:00"),
        (0, SlaState.SOON, "00:00:00"),
        (-1, SlaState.LATE, "超 00:00:01"),
        (-4_328, SlaState.LATE, "超 01:12:08"),
    ],
)
def test_clock_runs_through_its_states(left_s: int, state: SlaState, text: str) -> None:
    """Running turns to soon at the policy's threshold and to late after the deadline, not before."""
    assert shown(Countdown(due_at=NOW_AT + left_s * 1000)) == (state, text)


def test_policy_decides_what_is_soon() -> None:
    """A quarter of a long target may be soon too."""
    assert shown(Countdown(due_at=NOW_AT + 7_200_000, soon_s=7_200))[0] is SlaState.SOON


def test_paused_clock_stands_still() -> None:
    """A paused clock shows what was left, at any moment."""
    paused = Countdown(frozen_s=7_800, due_at=NOW_AT)
    assert paused.at(NOW_AT) == paused.at(NOW_AT + 9_000_000) == (SlaState.PAUSED, 7_800)
    assert shown(paused)[1] == "停 02:10:00"


def test_met_clock_says_so() -> None:
    """Once met, the deadline is over."""
    assert shown(Countdown(met=True, due_at=NOW_AT - 1)) == (SlaState.MET, "已达成")


def test_days_from_99_hours_on() -> None:
    """Two figures of hours are the most a badge holds."""
    assert figures(99 * 3_600 - 1) == "98:59:59"
    assert figures(99 * 3_600) == "4 天 03:00"
    set_language("en")
    assert figures(360_600) == "4 d 04:10"
    assert countdown_text(SlaState.LATE, 4_328) == "Late 01:12:08"


def test_spoken_without_seconds() -> None:
    """A screen reader says minutes, not a figure that changes while it speaks."""
    assert spoken(SlaState.SOON, 1_122) == "剩 18 分钟"
    assert spoken(SlaState.LATE, 4_328) == "超时 1 小时 12 分"
    assert spoken(SlaState.PAUSED, 7_800) == "已暂停，剩 2 小时 10 分"
