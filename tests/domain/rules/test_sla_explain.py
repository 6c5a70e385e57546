"""Why this deadline: the lines, and that their sum is right."""

from hypothesis import given
from hypothesis import strategies as st

from domain.entities.sla import METRICS, Policy, Reason, Target
from domain.rules.sla import evaluate
from domain.rules.sla_explain import explain
from tests.domain.rules.sla_timelines import HOUR, MINUTE, OFFICE, created, happens, status

POLICY = Policy(
    id="p",
    name="Stores",
    version=3,
    targets={"normal": {"first_response": Target(n=1, unit="hour"), "resolution": Target(n=2, unit="day")}},
)
MONDAY = 1_780_279_200_000  # 2026-06-01T10:00+08:00, the office opens


def keys(reasons: tuple[Reason, ...]) -> list[str]:
    """The lines' last words."""
    return [reason.key.removeprefix("sla.why.") for reason in reasons]


def test_the_lines_of_a_deadline_in_the_order_to_read_them() -> None:
    """Policy and calendar with their versions, target, start, what was left out, the sum, the deadline."""
    events = (created(MONDAY), status(MONDAY + HOUR, "pending"), status(MONDAY + 3 * HOUR, "open"))
    clock = evaluate(events, POLICY, OFFICE, MONDAY + 4 * HOUR)["resolution"]
    lines = explain(clock, POLICY, OFFICE)
    assert keys(lines) == ["policy", "calendar", "target", "started", "budget", "paused", "sum", "due"]
    told = {line.key.removeprefix("sla.why."): line.args for line in lines}
    assert told["policy"] == {"policy": "p", "name": "Stores", "version": 3}
    assert told["calendar"]["zone"] == "Asia/Shanghai"
    assert told["paused"] == {
        "status": "pending", "from_at": MONDAY + HOUR, "to_at": MONDAY + 3 * HOUR, "left_out_s": 7200,
    }  # fmt: skip
    assert told["sum"] == {"budget_s": 57600, "elapsed_s": 7200, "paused_s": 7200, "remaining_s": 50400}


def test_each_state_ends_in_a_line_of_its_own() -> None:
    """Not started, paused, met with and without a reply, late, no target, no policy, round the clock."""
    day = 24 * HOUR
    events = [created(MONDAY), status(MONDAY + HOUR, "pending")]
    clocks = evaluate(events, POLICY, OFFICE, MONDAY + 2 * HOUR)
    assert keys(explain(clocks["resolution"], POLICY, OFFICE))[-1] == "frozen"
    assert keys(explain(clocks["first_response"], POLICY, OFFICE))[-2:] == ["due", "late"]
    assert keys(explain(clocks["next_response"], POLICY, OFFICE)) == ["policy", "no_target"]
    assert keys(explain(clocks["resolution"], None, OFFICE)) == ["no_policy"]
    replied = evaluate((created(MONDAY), happens(MONDAY + MINUTE, "agent_reply")), POLICY, None, MONDAY + day)
    assert keys(explain(replied["first_response"], POLICY, None))[-1] == "stopped"
    assert "round_the_clock" in keys(explain(replied["first_response"], POLICY, None))
    events = [created(MONDAY), status(MONDAY + MINUTE, "resolved"), status(MONDAY + day, "open")]
    reopened = evaluate(events, POLICY, OFFICE, MONDAY + day)
    assert keys(explain(reopened["first_response"], POLICY, OFFICE))[-1] == "stopped_without_reply"
    assert "solved" in keys(explain(reopened["resolution"], POLICY, OFFICE))
    agents = evaluate((created(MONDAY, requester=False),), POLICY, OFFICE, MONDAY)
    assert keys(explain(agents["first_response"], POLICY, OFFICE))[-1] == "not_started"


@given(st.lists(st.tuples(st.sampled_from(["open", "pending", "resolved", "on_hold"]), st.integers(0, 4000))))
def test_the_sum_holds(steps: list[tuple[str, int]]) -> None:
    """What was used and what is left make the target, and the lines left out make the pauses."""
    at = MONDAY
    events = [created(at)]
    for word, minutes in steps:
        at += minutes * MINUTE
        events.append(status(at, word))
    clocks = evaluate(events, POLICY, OFFICE, at)
    for metric in METRICS:
        clock = clocks[metric]
        lines = explain(clock, POLICY, OFFICE)
        assert sum(line.args.get("left_out_s", 0) for line in lines) == clock.paused_business_s
        assert clock.elapsed_s + clock.remaining_s == clock.budget_s
