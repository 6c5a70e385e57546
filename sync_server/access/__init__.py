"""Who may see what, as one SQL predicate."""
