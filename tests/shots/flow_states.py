"""States of a ticket that walks a flow, for the pictures of the main window."""

from tests.shots.stage import Stage, settle


def flow(stage: Stage) -> None:
    """The flow of a claim: the card of the step it is at, the picture below."""
    stage.choose("claim")
    stage.window.open_ticket(stage.ids["claim"])
    settle()
    page = stage.window.front.ticket
    assert page is not None
    page.desk.body.choose("flow")
    settle(0.8)


def flow_return(stage: Stage) -> None:
    """Sending it back, the place and the reason asked for."""
    flow(stage)
    page = stage.window.front.ticket
    assert page is not None
    page.desk.body.flow.cards[0].back.click()
    settle()
