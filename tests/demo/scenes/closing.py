"""Scene 5: figures, the same windows in English, and everybody at rest."""

from tests.demo.stage import Stage, hold


def play(stage: Stage) -> None:
    """Open the reports, look at it in English, come to rest, quit."""
    with stage.step("report_window_opens"):
        figures = stage.head.ask("open_report", within_s=90)
        hold(figures["charts"], "there are charts")
        stage.picture(stage.head, "report", "ReportWindow")
        stage.head.ask("close_report")
    _in_english(stage)
    with stage.step("everybody_at_rest"):
        for desk in (stage.store, stage.head):
            desk.ask("wait_synced", within_s=120)
        for desk in (stage.store, stage.head):
            desk.ask("wait_synced", within_s=120)
    with stage.step("desktops_quit"):
        for desk in (stage.store, stage.head):
            stage.quit(desk)


def _in_english(stage: Stage) -> None:
    with stage.step("the_lead_works_in_english"):
        lead = stage.desk("lead", stage.server.address)
        lead.start()
        stage.sign_in(lead, stage.cast.lead, language="en")
        lead.ask("wait_first_sync", within_s=200)
        lead.ask("show_list", key="unassigned")
        stage.picture(lead, "main-en")
        lead.ask("open_ticket", id=stage.tickets["strawberries"])
        stage.picture(lead, "ticket-en")
        lead.ask("back")
        lead.ask("begin_ticket", template="complaint")
        stage.picture(lead, "new-ticket-en")
        lead.ask("leave_page")
        lead.ask("open_report", within_s=90)
        stage.picture(lead, "report-en", "ReportWindow")
        lead.ask("close_report")
        lead.ask("wait_synced", within_s=90)
        stage.quit(lead)
