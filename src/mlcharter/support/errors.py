"""The error that is shown to a user as a message, without a traceback."""


class UserError(Exception):
    """A message, and a hint what to do; `cli.py` prints both and exits with `exit_code`."""

    exit_code = 2

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
