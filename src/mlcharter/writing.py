"""Writing a file that somebody asked for."""

from pathlib import Path

from mlcharter.errors import UserError


def write(path: Path, text: str) -> None:
    """Write a file as UTF-8; where that is not possible, it is the user's to mend."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        misnamed = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError)
        hint = "name a file in a folder that is there" if misnamed else "mend that, then try again"
        raise UserError(f"{path} can't be written: {reason}", hint=hint) from error
