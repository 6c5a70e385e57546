"""The person's working set on this machine, and what waits to be sent."""
