"""The only error that a user may see."""


class UserError(Exception):
    """What is wrong, and what to do about it; `cli.py` prints both and exits with `exit_code`."""

    exit_code = 2

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
