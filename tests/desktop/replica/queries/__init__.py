"""What the windows read."""
