"""The only error a user may see."""


class UserError(Exception):
    """What went wrong and, in `hint`, the next thing to type or open.

    Raise it only where the user can act.
    A bug in this program stays an ordinary exception, so that its traceback reaches us.
    """

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint
