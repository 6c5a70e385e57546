"""A server that keeps the person's own text modules."""

import msgspec

from domain.entities.forms import TextModule
from domain.errors import GongdanError
from domain.wire import codec
from domain.wire.sync import ConfigRow
from domain.wire.text_modules import KeepTextModule
from tests.desktop.ui.world import World


class Kept:
    """The server's side: what was kept comes back as configuration, as with a pull."""

    def __init__(self, world: World) -> None:
        self._world, self.kept = world, list[KeepTextModule]()
        self._versions: dict[str, int] = {}
        self.trouble: GongdanError | None = None

    def keep(self, id: str, module: KeepTextModule) -> None:
        """Write it, or fail as it is told to."""
        if self.trouble is not None:
            raise self.trouble
        self.kept.append(module)
        fields = msgspec.structs.asdict(module)
        self._tell(id, TextModule(**fields, id=id, owner=self._world.session.person.id))

    def drop(self, id: str) -> None:
        """Delete it."""
        self._tell(id, TextModule(id=id, name="", body="", owner=self._world.session.person.id), gone=True)

    def _tell(self, id: str, module: TextModule, *, gone: bool = False) -> None:
        version = self._versions[id] = self._versions.get(id, 0) + 1
        body = msgspec.Raw(codec.encode(module))
        row = ConfigRow(kind="text_module", id=id, version=version, deleted=gone, body=body)
        self._world.configure(row)
