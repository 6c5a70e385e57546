"""What a person gives to sign in; apart from what signs in, so that the window is there before that is loaded."""

from domain.entities.base import Entity


class Asked(Entity):
    """What the sign-in window asks for; `old_password` only where the replica still has another one."""

    server: str
    login: str
    password: str
    old_password: str = ""

    def __repr__(self) -> str:
        """Without the passwords: this may end up in a log."""
        return f"Asked({self.server!r}, {self.login!r})"
