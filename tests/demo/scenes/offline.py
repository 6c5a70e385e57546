"""Scene 2: the line is cut; the store works on, is killed, and finds everything again."""

from typing import Any

from tests.demo.stage import Stage, hold

CREATED: dict[str, dict[str, Any]] = {
    "strawberries": {
        "template": "complaint",
        "phone": "13812345678",
        "name": "陈女士",
        "category": "spoiled",
        "description": "草莓礼盒开封后下层发霉，要求退款并说明进货日期。",
        "fields": {"demand": "refund", "amount": "89.00", "product": "草莓礼盒", "eaten": False},
    },
    "till": {
        "template": "it_support",
        "phone": "13700001111",
        "category": "pos_down",
        "description": "2 号收银机黑屏，重启无效，排队已经到门口。",
        "fields": {"asset": "pos", "business_stopped": True, "stopped_since": "09:40"},
    },
    "rider": {
        "template": "chase_delivery",
        "phone": "13655550000",
        "name": "刘先生",
        "category": "rider",
        "description": "约定 12:00 前送达，12:40 仍在配送中。",
        "fields": {"order_no": "D20261120-0031", "problem": "late"},
    },
    "money": {
        "template": "refund",
        "phone": "13566667777",
        "name": "王女士",
        "category": "not_received",
        "description": "退款三天没有到账，第二次来电。",
        "fields": {"order_no": "N20261117-1204", "amount": "128.50", "reason": "quality"},
    },
    "cooker": {
        "template": "exchange",
        "phone": "13444448888",
        "name": "孙先生",
        "category": "defect",
        "description": "电饭煲内胆有划痕，要求换同款。",
        "fields": {
            "order_no": "N20261118-0077",
            "product": "电饭煲 4L",
            "wanted": "电饭煲 4L",
            "reason": "defect",
        },
    },
}
"""What the store creates without a line, by the name that the story gives it."""

INTERRUPTED: dict[str, Any] = {
    "phone": "13222229999",
    "name": "冯女士",
    "category": "paid",
    "description": "豆浆机过保，客户询问维修报价。",
    "fields": {"product": "豆浆机", "warranty": "out", "fault": "通电无反应"},
}
ANSWER = "您好，已为您登记，我们正在核对进货批次，今天给您答复。"
ADDITION = "店长已查看同批次剩余两盒，均已下架。"


def play(stage: Stage) -> None:
    """Cut, create, handle, die, come back: all without the server."""
    with stage.step("line_is_cut"):
        stage.line.cut()
        stage.store.ask("wait_offline", within_s=90)
    _create(stage)
    _handle(stage)
    _disagree(stage)
    _die_and_return(stage)


def _create(stage: Stage) -> None:
    with stage.step("form_says_what_is_wrong"):
        given = dict(CREATED["strawberries"])
        stage.store.ask("begin_ticket", template=given.pop("template"))
        stage.store.ask("fill_ticket", phone="1381234", description=given["description"])
        answer = stage.store.ask("send_ticket")
        hold(not answer["ticket"] and answer["complaints"], "an incomplete ticket is not sent")
        stage.picture(stage.store, "new-ticket-errors")
    with stage.step("offline_create_complaint"):
        stage.store.ask("fill_ticket", **given)
        stage.picture(stage.store, "new-ticket")
        stage.tickets["strawberries"] = _sent(stage)
    for name, what in CREATED.items():
        if name not in stage.tickets:
            with stage.step(f"offline_create_{what['template']}"):
                stage.tickets[name] = stage.store.ask("new_ticket", **what)
    with stage.step("provisional_numbers_and_unsent"):
        made = stage.store.ask("tickets", ids=[stage.tickets[name] for name in CREATED])
        hold(len(made) == len(CREATED), "all are in the replica")
        hold(all(one["provisional"] and one["number"] and one["unsent"] for one in made), "numbered, unsent")
        hold(stage.store.ask("state")["unsent"] >= len(CREATED), "the status bar counts them")
        stage.store.ask("show_list", key="created")
        stage.picture(stage.store, "offline-list")


def _sent(stage: Stage) -> str:
    answer = stage.store.ask("send_ticket")
    hold(answer["ticket"], f"the page takes it: {answer['complaints']}")
    return str(answer["ticket"])


def _handle(stage: Stage) -> None:
    with stage.step("offline_take_reply_note_pause"):
        stage.store.ask("open_ticket", id=stage.tickets["strawberries"])
        stage.store.ask("take")
        stage.store.ask("reply", text=ANSWER)
        stage.store.ask("note", text=ADDITION)
        stage.store.ask("pause", reason="等待门店核实")
        stage.picture(stage.store, "offline-ticket")
        stage.store.ask("back")


def _disagree(stage: Stage) -> None:
    with stage.step("both_change_one_priority"):
        stage.store.ask("open_ticket", id=stage.tickets["disputed"])
        stage.store.ask("set_priority", priority="low")
        stage.store.ask("back")
        stage.head.ask("open_ticket", id=stage.tickets["disputed"])
        stage.head.ask("set_priority", priority="high")
        stage.head.ask("wait_synced", within_s=90)
        stage.head.ask("back")


def _die_and_return(stage: Stage) -> None:
    with stage.step("killed_while_writing"):
        before = {one["id"]: one for one in stage.store.ask("tickets")}
        unsent = stage.store.ask("state")["unsent"]
        stage.store.ask("begin_ticket", template="aftersales")
        stage.store.ask("fill_ticket", **INTERRUPTED)
        stage.store.ask("pause_typing")
        stage.store.kill()
    with stage.step("signs_in_offline"):
        stage.store.start()
        hold(not stage.sign_in(stage.store, stage.cast.store)["online"], "signed in without the server")
        stage.picture(stage.store, "signed-in-offline")
    with stage.step("everything_is_still_there"):
        after = {one["id"]: one for one in stage.store.ask("tickets")}
        hold(after == before, "the replica is as it was")
        said = stage.store.ask("said", id=stage.tickets["strawberries"])
        hold(ANSWER in said and ADDITION in said, "what was written is there")
        hold(stage.store.ask("state")["unsent"] == unsent, "so is what is unsent")
    with stage.step("draft_is_restored"):
        stage.store.ask("begin_ticket", template="aftersales")
        hold(INTERRUPTED["description"] in stage.store.ask("page_words"), "the draft is on the page")
        stage.picture(stage.store, "draft-restored")
        stage.tickets["blender"] = _sent(stage)
