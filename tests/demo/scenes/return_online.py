"""Scene 3: the line comes back, the server dies in the middle of the push, everything arrives once."""

from tests.demo.scenes.offline import ADDITION, ANSWER, CREATED
from tests.demo.stage import Stage, hold


def play(stage: Stage) -> None:
    """Mend the line while the server fails."""
    with stage.step("server_killed_in_the_middle_of_the_push"):
        wait = stage.server_dies_at_next_push()
        stage.line.mend()
        wait()
    with stage.step("server_restarts"):
        stage.server.start()
    with stage.step("store_sends_everything"):
        state = stage.store.ask("wait_synced", within_s=120)
        hold(state["unsent"] == 0, "nothing is left to send")
        stage.store.ask("show_list", key="created")
        stage.picture(stage.store, "back-online")
    _arrived(stage)
    _settle(stage)


def _arrived(stage: Stage) -> None:
    with stage.step("everything_arrived_once"):
        stage.head.ask("wait_synced", within_s=120)
        names = [*CREATED, "blender"]
        seen = [stage.head.ask("wait_ticket", id=stage.tickets[name]) for name in names]
        hold(all(one["number"] and not one["provisional"] for one in seen), "every ticket has its number")
        hold(len({one["number"] for one in seen}) == len(seen), "no number is given twice")
        said = stage.head.ask("said", id=stage.tickets["strawberries"])
        hold(said.count(ANSWER) == 1 and said.count(ADDITION) == 1, "what was written arrived once")
    with stage.step("routed_by_the_rules"):
        teams = {one["id"]: one["team"] for one in seen}
        hold(teams[stage.tickets["till"]] == "it-desk", "the till is at the service desk")
        hold(teams[stage.tickets["rider"]] == "cs-delivery", "the rider is at delivery")
        hold(teams[stage.tickets["money"]] == "cs-ecommerce", "the refund is at e-commerce")
        hold(all(one["sla_state"] for one in seen), "every ticket has a clock")


def _settle(stage: Stage) -> None:
    with stage.step("conflict_needs_attention"):
        hold(stage.store.ask("state")["attention"] == 1, "one thing needs attention")
        hold(stage.store.ask("troubles")[0]["keys"] == ["priority"], "it is the priority")
        stage.store.ask("open_attention")
        stage.picture(stage.store, "needs-attention")
        stage.store.ask("settle", mine=False)
        stage.store.ask("leave_attention")
        stage.store.ask("wait_synced", within_s=90)
        hold(stage.store.ask("state")["attention"] == 0, "nothing needs attention any more")
        kept = stage.store.ask("wait_ticket", id=stage.tickets["disputed"], priority="high")
        hold(kept, "the other's value was kept")
