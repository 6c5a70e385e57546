"""How a sensitive value looks to those who may not read it: enough to tell two apart, not to use it."""


def masked(value: str | None) -> str | None:
    """Keep the first three and last four characters of a long value, nothing of a short one."""
    if not value:
        return value
    if len(value) < 9:
        return "****"
    return f"{value[:3]}****{value[-4:]}"
