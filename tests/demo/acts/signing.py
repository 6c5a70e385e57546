"""Signing in and out."""

from typing import Any

from PySide6.QtCore import QPoint

from desktop.app import App
from desktop.ui.widgets.segmented import Segmented
from tests.demo import hands

SIGN_IN_S = 60.0
SIZE = (1366, 768)


class Signing:
    """The sign-in window, filled in with the keyboard."""

    def __init__(self, app: App) -> None:
        self._app = app

    def sign_in(self, server: str, login: str, password: str, language: str = "") -> dict[str, Any]:
        """Sign in; says whether that succeeded and what the window complains about."""
        app = self._app
        window = hands.until(lambda: app.sign_in_window, "the sign-in window")
        if language:
            self._choose_language(language)
        if window.server.value() != server:
            hands.write(window.server.editor, server)
        if window.login.value() != login:
            hands.write(window.login.editor, login)
        hands.write(window.password.editor, password)
        hands.press("Return", window.password.editor)

        def answered() -> bool:
            return app.window is not None or (window.submit.isEnabled() and bool(hands.complaints(window)))

        hands.until(answered, "an answer to signing in", within_s=SIGN_IN_S)
        if app.window is None:
            return {"signed_in": False, "complaints": hands.complaints(window)}
        app.window.resize(*SIZE)
        app.window.move(0, 0)
        app.window.activateWindow()
        hands.until(app.window.isActiveWindow, "the main window is in front")
        assert app.work is not None
        return {
            "signed_in": True,
            "online": app.work.signed_on.online,
            "name": app.work.signed_on.person.name,
        }

    def _choose_language(self, language: str) -> None:
        window = self._app.sign_in_window
        assert window is not None
        choice = hands.part(window, Segmented)
        if choice.value() != language:
            place = 1 if language == "en" else -1
            hands.click(choice, QPoint(choice.width() - 12 if place > 0 else 12, choice.height() // 2))
            hands.until(lambda: choice.value() == language, f"the language {language}")
