"""The error of a release that must not be made, or must not serve."""

from collections.abc import Sequence

from mlcharter.support.errors import UserError


class RefusedError(UserError):
    """A release is refused; `reasons` has all reasons that were found."""

    def __init__(self, release: str, reasons: Sequence[str]) -> None:
        super().__init__(f"{release} is refused: {'; '.join(reasons)}")
        self.release = release
        self.reasons = tuple(reasons)
