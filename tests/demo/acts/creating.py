"""Making tickets on the page of Ctrl+N."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.app import App
from desktop.replica import sql
from desktop.ui.create.page import CreatePage
from desktop.ui.create.scenarios import ScenarioList
from desktop.ui.form.view import FormView
from tests.demo import hands
from tests.demo.acts.looking import signed_in


class Creating:
    """The page of a new ticket, from the scenario's digit to Ctrl+Enter."""

    def __init__(self, app: App) -> None:
        self._app = app

    def begin_ticket(self, template: str) -> bool:
        """Open the page and choose the scenario by its digit."""
        window = self._app.window
        assert window is not None
        hands.press("Ctrl+N", window)
        page = hands.part(window, CreatePage)
        hands.until(lambda: page.draft_id, "the page is ready")
        self._choose_scenario(page, template)
        return True

    def _choose_scenario(self, page: CreatePage, template: str) -> None:
        cards = hands.part(page, ScenarioList)
        model = cards.model()
        ids = [model.index(row, 0).data(Qt.ItemDataRole.UserRole).id for row in range(model.rowCount())]
        if template not in ids:
            raise hands.NotHeld(f"the page offers {ids}, not {template}")
        cards.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(cards, Qt.Key(Qt.Key.Key_1 + ids.index(template)))
        hands.until(
            lambda: page.sheet.template is not None and page.sheet.template.id == template,
            f"scenario {template}",
        )

    def fill_ticket(
        self,
        phone: str = "",
        name: str = "",
        category: str = "",
        store: str = "",
        description: str = "",
        subject: str = "",
        fields: dict[str, Any] | None = None,
    ) -> bool:
        """Fill in what is given; a suggested store is confirmed with Alt+Y."""
        sheet = self._page().sheet
        if phone:
            hands.write(sheet.customer.phone.editor, phone)
        if name:
            hands.write(sheet.customer.name, name)
        if category:
            hands.chip(sheet.category, self._category_name(category))
        if store:
            self._choose_store(store)
        elif not sheet.store.settled:
            hands.press("Alt+Y", sheet.customer.phone.editor)
            hands.until(lambda: sheet.store.settled, "the store is confirmed")
        if subject:
            hands.write(sheet.matter.subject.editor, subject)
        if description:
            hands.write(sheet.matter.description.editor, description)
        for key, value in (fields or {}).items():
            self._fill_field(key, value)
        return True

    def send_ticket(self) -> dict[str, Any]:
        """Press Ctrl+Enter; returns the ticket made, or what stands in the way."""
        page = self._page()
        made: list[str] = []
        page.submitted.connect(made.append)
        hands.press("Ctrl+Return", page.sheet.matter.description.editor)
        hands.rest()

        def answered() -> bool:
            return bool(made) or bool(hands.complaints(page))

        hands.until(answered, "the ticket is taken or complained about")
        if not made:
            return {"ticket": "", "complaints": hands.complaints(page)}
        hands.until(lambda: not hands.parts(self._window(), CreatePage), "the page closes")
        return {"ticket": made[0], "complaints": []}

    def pause_typing(self) -> bool:
        """Stop to think for a moment, so that the draft is written."""
        page = self._page()
        hands.until(page.sheet.head.saved.text, "the draft is kept")
        hands.rest(1_000)
        return True

    def page_words(self) -> list[str]:
        """What stands in the fields of the page."""
        sheet = self._page().sheet
        hands.until(sheet.matter.description.value, "something stands on the page")
        return [sheet.customer.phone.value(), sheet.customer.name.value(), sheet.matter.description.value()]

    def leave_page(self) -> bool:
        """Leave with Esc."""
        hands.press("Esc", self._page())
        hands.until(lambda: not hands.parts(self._window(), CreatePage), "the page closes")
        return True

    def new_ticket(self, template: str, **given: Any) -> str:
        """All of it; NotHeld if the page refuses."""
        self.begin_ticket(template)
        self.fill_ticket(**given)
        done = self.send_ticket()
        if not done["ticket"]:
            raise hands.NotHeld(f"the page says {done['complaints']}")
        return str(done["ticket"])

    def _fill_field(self, key: str, value: Any) -> None:
        page = self._page()

        def with_key() -> list[FormView]:
            return [form for form in hands.parts(page, FormView) if key in form.shown_keys()]

        hands.fill(hands.until(with_key, f"the field {key} shows")[0].field(key).editor, value)

    def _choose_store(self, store: str) -> None:
        """Type its name, go down to it: its id tells namesakes apart."""
        box = self._page().sheet.store.store
        with signed_in(self._app).session.replica.read() as conn:
            name = str(sql.value(conn, "SELECT name FROM unit WHERE id = ?", (store,)))
        hands.write(box, name)
        hands.until(lambda: box.matches().isVisible(), f"stores matching {name}")
        listed = box.matches().model()
        rows = [listed.index(row, 0).data(Qt.ItemDataRole.UserRole).id for row in range(listed.rowCount())]
        hands.click_row(box.matches(), rows.index(store))
        hands.until(lambda: box.value() == store, f"the store {name}")

    def _category_name(self, id: str) -> str:
        with signed_in(self._app).session.replica.read() as conn:
            return str(
                sql.value(
                    conn,
                    "SELECT json_extract(body, '$.name') FROM config WHERE kind = 'category' AND id = ? AND latest = 1",
                    (id,),
                )
            )

    def _page(self) -> CreatePage:
        return hands.part(self._window(), CreatePage)

    def _window(self) -> Any:
        assert self._app.window is not None
        return self._app.window
