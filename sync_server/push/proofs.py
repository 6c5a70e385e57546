"""Signs what the server said of a command, so that it can believe itself after a restore (SYNC §6)."""

import hmac

from domain.wire import codec
from domain.wire.sync import Verdict

PROOF_BYTES = 16
"""Of the HMAC-SHA256: shorter than the whole, longer than anybody can guess."""
_PURPOSE = b"gongdan verdict proof"


class Proofs:
    """Signs verdicts with the server's secret; only who has the secret can make or check a proof."""

    def __init__(self, secret: bytes) -> None:
        # A key of its own: the secret also seals the replicas' keys.
        self._key = hmac.digest(secret, _PURPOSE, "sha256")

    def sign(self, verdict: Verdict, *, ticket: str) -> str:
        """The proof, in hex, of a verdict's command, status, seq and number, and of the command's ticket."""
        # JSON: no two lists of values have the same text.
        said = codec.encode((verdict.id, verdict.status, verdict.seq, verdict.number, ticket))
        return hmac.digest(self._key, said, "sha256")[:PROOF_BYTES].hex()

    def verify(self, verdict: Verdict, *, ticket: str) -> bool:
        """Whether the server with this secret once said this of the command."""
        return hmac.compare_digest(self.sign(verdict, ticket=ticket), verdict.proof)
