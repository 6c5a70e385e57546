"""The messages of signing in, refreshing, registering devices and keeping a replica's key (SYNC §7)."""

from domain.entities.base import Entity, Instant


class DeviceName(Entity):
    """The device that signs in: `id` where it is registered already."""

    name: str = ""
    id: str = ""


class SignIn(Entity):
    """A person's login and password, on a device."""

    login: str
    password: str
    device: DeviceName = DeviceName()


class Tokens(Entity):
    """What proves who is asking: the access token for each request, the refresh token once, for new ones."""

    access_token: str
    access_expires_at: Instant
    refresh_token: str
    refresh_expires_at: Instant


class Me(Entity):
    """The person who signed in."""

    id: str
    login: str
    name: str
    unit: str


class Device(Entity):
    """A registered device; `code` begins its provisional ticket numbers, `push_no` is the last one seen."""

    id: str
    code: str
    name: str = ""
    push_no: int = 0


class Lease(Entity):
    """For how long this device may read what it holds without the server (SYNC §7).

    It runs from the server's time of the answer that tells it, and anew from each answer to a pull.
    """

    length_s: int
    warn_s: int = 0  # so long before its end the person is told
    secret: str = ""  # base64: checks unlock codes and proves a revocation; kept under the replica's key


class SignedIn(Entity):
    """The answer to a sign-in, and to a registration anew."""

    person: Me
    device: Device
    tokens: Tokens
    server_time: Instant
    protocol: int
    key_kept: bool = False  # the server holds this device's replica key
    lease: Lease | None = None  # None from a server of before


class Refresh(Entity):
    """Ask for new tokens; each refresh token serves once."""

    refresh_token: str


class Refreshed(Entity):
    """The answer to a refresh."""

    tokens: Tokens
    server_time: Instant
    lease: Lease | None = None


class ReplicaKey(Entity):
    """The replica's raw key, base64; travels inside TLS only and is sealed at rest."""

    key: str


class Health(Entity):
    """Whether the server can work."""

    status: str
    version: str
    protocol: int
    oldest_protocol: int
    server_time: Instant
