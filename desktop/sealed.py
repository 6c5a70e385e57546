"""New tickets written past the lease: sealed to the replica's key, so that here they can't be read back (SYNC §7).

What forms need to be filled in stands beside them unsealed: forms, units, names. The private half of the key is
made from the replica's own key; what is sealed opens only once the replica does.
"""

import hashlib
import hmac
import os
from pathlib import Path
from typing import TYPE_CHECKING

from desktop.paths import write_whole

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FOLDER, PUBLIC_FILE, FORMS_FILE, COUNT_FILE = "sealed", "public.key", "forms.json", "count"
_WHAT = b"gongdan sealed ticket"
_KEY_BYTES, _NONCE = 32, bytes(12)


class SealedBox:
    """The sealed tickets of one person, in their folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER
        self._public, self._forms, self._count = (
            self.folder / name for name in (PUBLIC_FILE, FORMS_FILE, COUNT_FILE)
        )

    def prepare(self, key: bytes, forms: bytes) -> None:
        """Keep what forms need and the key to seal with; done while the replica is open."""
        write_whole(self._public, _private(key).public_key().public_bytes_raw())
        if self.forms() != forms:
            write_whole(self._forms, forms)

    def forms(self) -> bytes:
        """What forms need; empty where nothing was kept."""
        try:
            return self._forms.read_bytes()
        except FileNotFoundError:
            return b""

    @property
    def ready(self) -> bool:
        """Whether a ticket could be written and sealed."""
        return self._public.exists() and self._forms.exists()

    def next_count(self) -> int:
        """The number of the next sealed ticket, never given twice on this device."""
        try:
            count = int(self._count.read_text(encoding="ascii")) + 1
        except (FileNotFoundError, ValueError):
            count = 1
        write_whole(self._count, str(count).encode())
        return count

    def seal(self, name: str, content: bytes) -> None:
        """Keep a ticket so that only the replica's key opens it."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

        public = self._public.read_bytes()
        once = X25519PrivateKey.generate()
        own = once.public_key().public_bytes_raw()
        shared = once.exchange(X25519PublicKey.from_public_bytes(public))
        # The key serves once, so the nonce may always be the same.
        sealed = own + _cipher(shared, own, public).encrypt(_NONCE, content, _WHAT)
        write_whole(self.folder / f"{name}.sealed", sealed)

    def count(self) -> int:
        """How many wait."""
        return len(self._files())

    def opened(self, key: bytes) -> list[tuple[Path, bytes]]:
        """What was sealed, oldest first, each with its file; what can't be opened stays where it is."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

        private, found = _private(key), []
        public = private.public_key().public_bytes_raw()
        for file in self._files():
            raw = file.read_bytes()
            own, sealed = raw[:_KEY_BYTES], raw[_KEY_BYTES:]
            try:
                shared = private.exchange(X25519PublicKey.from_public_bytes(own))
                found.append((file, _cipher(shared, own, public).decrypt(_NONCE, sealed, _WHAT)))
            except (InvalidTag, ValueError):
                continue
        return found

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.sealed"), key=lambda file: (file.stat().st_mtime_ns, file.name))


def overwrite(folder: Path) -> None:
    """Delete a scratch file's folder so that little of it is left on the disk."""
    for file in folder.iterdir() if folder.is_dir() else ():
        with file.open("r+b") as out:
            out.write(os.urandom(min(file.stat().st_size, 1 << 20)))
        file.unlink()


def _private(key: bytes) -> "X25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    return X25519PrivateKey.from_private_bytes(hmac.new(key, _WHAT, hashlib.sha256).digest())


def _cipher(shared: bytes, own: bytes, public: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(hmac.new(shared, _WHAT + own + public, hashlib.sha256).digest())
