"""Who pushes."""

from domain.entities.base import Entity

SYSTEM_DEVICE = "server"


class Sender(Entity):
    """A person on a device; the server itself has no person."""

    person: str | None
    device: str
    token: str = ""  # the hash of the access token, where the store has not been asked for it yet
    leaving: bool = False  # the device was revoked and brings what it still has
