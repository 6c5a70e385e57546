"""The same desk and desktops as the replica's tests."""

from tests.desktop.replica.conftest import ann, bob, desk, opened

__all__ = ["ann", "bob", "desk", "opened"]
