"""Pure functions from facts and a command to changes, a refusal, or unknown."""
