"""What a ticket adds to a digest: both ends sum the same numbers and compare (SYNC §6)."""

ACCESS_WEIGHT = 1 << 32


def share(mark: int, access: int) -> int:
    """What a ticket held as of `mark`, in the classes of fields `access`, adds to the total."""
    return mark + access * ACCESS_WEIGHT
