"""What crosses the network: commands, changes, sync messages and their codec."""
