"""Seeds that once broke an invariant, kept for ever, and where each mutant was last seen."""

MODEL_SEEDS = (14, 21, 22, 37, 62, 79, 97, 461, 1182, 1494, 1636, 4254)
"""Stories that found holes in the rules of the protocol; what they were stands in docs/protocol.md."""

REAL_SEEDS = (0, 62, 144, 204)
"""Stories that found faults in the real code, or in the simulation itself."""
