"""Forms drawn from templates."""
