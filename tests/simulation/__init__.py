"""The simulation of the sync under faults, in two tiers: a model of the rules and the real code."""
