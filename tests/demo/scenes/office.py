"""Scene 4: head office works on what came, passes one on, resolves one; a reminder comes up."""

from tests.demo.stage import Stage, hold

OFFICE_ANSWER = "您好，价签问题已核实，差价将原路退回，请留意短信。"
CALL_BACK = "给周先生回电话"


def play(stage: Stage) -> None:
    """Take, reply, transfer, resolve, be reminded."""
    _lists(stage)
    _handle(stage)
    _pass_on(stage)
    _resolve(stage)
    _be_reminded(stage)


def _lists(stage: Stage) -> None:
    with stage.step("head_office_sees_countdowns"):
        stage.head.ask("show_list", key="unassigned")
        stage.picture(stage.head, "unassigned")
        stage.head.ask(
            "search", text="电饭煲", wanted=stage.tickets["cooker"], picture=stage.file("head-search")
        )


def _handle(stage: Stage) -> None:
    with stage.step("head_office_takes_and_replies"):
        stage.head.ask("open_ticket", id=stage.tickets["disputed"])
        stage.head.ask("take")
        stage.head.ask("reply", text=OFFICE_ANSWER)
        stage.picture(stage.head, "ticket")
    with stage.step("reminder_is_set"):
        stage.head.ask("remind", words=CALL_BACK, picture=stage.file("head-remind-me"))
        stage.head.ask("back")


def _pass_on(stage: Stage) -> None:
    moved = stage.tickets["misdirected"]
    with stage.step("head_office_transfers_to_another_area"):
        stage.head.ask("open_ticket", id=moved)
        stage.head.ask(
            "transfer",
            to=stage.cast.other.unit_name,
            unit=stage.cast.other.unit,
            note="客户更正：是另一家门店。",
            picture=stage.file("head-transfer"),
        )
        stage.head.ask("wait_synced", within_s=90)
        stage.head.ask("back")
    with stage.step("it_leaves_the_first_store"):
        stage.store.ask("wait_gone", id=moved, within_s=90)
    with stage.step("the_other_store_has_it"):
        other = stage.desk("other", stage.server.address, scheme="dark")
        other.start()
        stage.sign_in(other, stage.cast.other)
        other.ask("wait_first_sync", within_s=200)
        hold(other.ask("wait_ticket", id=moved)["org"], "it is in the other store's replica")
        other.ask("show_list", key="unassigned")
        stage.picture(other, "main-dark")
        other.ask("open_ticket", id=moved)
        stage.picture(other, "ticket-dark")
        other.ask("back")
        other.ask("wait_synced", within_s=90)
        stage.quit(other)


def _resolve(stage: Stage) -> None:
    with stage.step("head_office_resolves"):
        stage.head.ask("open_ticket", id=stage.tickets["disputed"])
        stage.head.ask(
            "resolve",
            fields={
                "measure": "已退差价 4.00 元并更换价签。",
                "responsible": "store",
                "result": "compensated",
                "compensation": "4.00",
            },
            picture=stage.file("head-resolve"),
        )
        stage.head.ask("wait_synced", within_s=90)
        stage.head.ask("back")
    with stage.step("store_sees_it_come_back"):
        stage.store.ask("wait_ticket", id=stage.tickets["disputed"], status="resolved")
        hold(OFFICE_ANSWER in stage.store.ask("said", id=stage.tickets["disputed"]), "with the answer")
        stage.store.ask("open_ticket", id=stage.tickets["disputed"])
        stage.picture(stage.store, "came-back")
        stage.store.ask("back")


def _be_reminded(stage: Stage) -> None:
    with stage.step("reminder_pops_up"):
        stage.head.ask("wait_popup", words=CALL_BACK, within_s=220)
        stage.picture(stage.head, "reminder")
        stage.head.ask("popup_done")
