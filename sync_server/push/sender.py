"""Who pushes."""

from domain.entities.base import Entity

SYSTEM_DEVICE = "server"


class Sender(Entity):
    """A person on a device; the server itself has no person."""

    person: str | None
    device: str
    token: str = ""  # the hash of the access token, where it has to hold still when the device is locked
    leaving: bool = False  # the device was revoked and brings what it still has
