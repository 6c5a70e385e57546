"""The agent's program: works offline, on its own encrypted replica."""
