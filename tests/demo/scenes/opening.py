"""Scene 1: a wrong password, two people sign in, the first tickets online."""

from tests.demo.stage import Stage, hold


def play(stage: Stage) -> None:
    """Sign in, sync for the first time, make what the later scenes need."""
    _wrong_password(stage)
    _first_sync(stage)
    _created_online(stage)
    _called_head_office(stage)


def _wrong_password(stage: Stage) -> None:
    with stage.step("store_desktop_starts"):
        stage.store.start()
        stage.picture(stage.store, "sign-in", "SignInWindow")
    with stage.step("wrong_password_is_refused"):
        answer = stage.attempt(stage.store, stage.cast.store, "not-the-password")
        hold(not answer["signed_in"] and answer["complaints"], "a wrong password is refused with a sentence")
        stage.picture(stage.store, "wrong-password", "SignInWindow")


def _first_sync(stage: Stage) -> None:
    with stage.step("store_signs_in"):
        hold(stage.sign_in(stage.store, stage.cast.store)["online"], "signed in online")
    with stage.step("store_first_sync"):
        stage.store.ask("wait_first_sync", within_s=200)
        stage.picture(stage.store, "first-list")
    with stage.step("head_office_signs_in"):
        stage.head.start()
        stage.sign_in(stage.head, stage.cast.head)
        stage.picture(stage.head, "first-sync")
    with stage.step("head_office_usable"):
        stage.head.ask("wait_usable")
    with stage.step("head_office_first_sync"):
        stage.head.ask("wait_first_sync", within_s=200)
        stage.picture(stage.head, "main-window")


def _created_online(stage: Stage) -> None:
    with stage.step("store_creates_online"):
        id = stage.store.ask(
            "new_ticket",
            template="complaint",
            phone="13800002716",
            name="周先生",
            category="price_tag",
            description="货架价签 19.90 元，收银 23.90 元，客户要求按价签结算。",
            fields={"demand": "apology"},
        )
        stage.tickets["disputed"] = id
    with stage.step("head_office_sees_it_routed"):
        made = stage.head.ask("wait_ticket", id=id)
        hold(made["number"] and not made["provisional"] and made["team"], "it has its number and a team")
        hold(made["due_at"], "its clock runs")


def _called_head_office(stage: Stage) -> None:
    with stage.step("head_office_creates_for_the_store"):
        id = stage.head.ask(
            "new_ticket",
            template="complaint",
            phone="13900004420",
            name="吴女士",
            category="attitude",
            store=stage.cast.store.unit,
            description="客户来电：收银员态度生硬，希望门店致歉。",
            fields={"demand": "apology"},
        )
        stage.tickets["misdirected"] = id
    with stage.step("store_receives_it"):
        stage.store.ask("wait_ticket", id=id)
    with stage.step("store_at_rest"):
        stage.store.ask("wait_synced", within_s=90)
