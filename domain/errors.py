"""Errors with stable codes; people's words for each code live in resources/i18n under ``error.<code>``."""


class GongdanError(Exception):
    """The root of our errors: a stable code and the arguments its sentence needs."""

    def __init__(self, code: str, **args: object) -> None:
        self.code = code
        self.args_by_name = args
        super().__init__(code + (f" {args}" if args else ""))


class RefusedError(GongdanError):
    """What was asked may not happen; the person is told why and what to do."""


class UnavailableError(GongdanError):
    """Passing trouble of the surroundings; tried again and shown in the status bar."""


class InvalidInputError(RefusedError):
    """Input that does not hold to its description."""
