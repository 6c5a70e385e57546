"""What stands in the stores: models of equipment, with the fault codes each can show (capability C04)."""

from domain.entities.base import Entity
from domain.entities.forms import Option


class EquipmentModel(Entity):
    """A model that a form's `equipment` field offers; `fault_code` fields offer the codes of the chosen one."""

    id: str
    name: str
    maker: str = ""
    group: str = ""  # coffee machines, tills … as the list is parted
    faults: tuple[Option, ...] = ()
