"""The desk of the tickets' tests, and pictures to attach."""

from tests.desktop.ui.tickets.conftest import open_desk, world

__all__ = ["open_desk", "world"]
