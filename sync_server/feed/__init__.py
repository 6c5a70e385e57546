"""What changed, in order, and who may receive it."""
