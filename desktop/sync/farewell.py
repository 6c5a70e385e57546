"""What a device does that hears of its revocation: believe it only with proof, bring what it has, then go (SYNC §7)."""

from typing import Literal

from desktop.lease import DeviceLease
from domain.errors import GongdanError

Farewell = Literal["unproven", "last_push", "revoked", "stolen"]


def farewell(error: GongdanError, *, lease: DeviceLease | None, device: str, unsent: bool) -> Farewell:
    """What a refusal as ``device_revoked`` asks of this device.

    A portal or a proxy between may answer anything; only the own server knows the proof. One that says nothing of
    a last push is of before: it is offered what there is all the same.
    """
    told = error.args_by_name
    stolen = bool(told.get("stolen"))
    proof = str(told.get("proof", ""))
    if lease is not None and not lease.proves_revocation(device, stolen=stolen, proof=proof):
        return "unproven"
    if stolen:
        return "stolen"
    return "last_push" if unsent and told.get("last_push", True) else "revoked"
