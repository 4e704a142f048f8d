"""`python -m mlcharter` and the `mlcharter` script."""

import sys

from mlcharter.cli import cli
from mlcharter.errors import UserError


def main() -> None:
    try:
        cli(prog_name="mlcharter")
    except Exception:
        # Python would exit with 1, which says that something was found.
        sys.excepthook(*sys.exc_info())
        sys.exit(UserError.exit_code)


if __name__ == "__main__":
    main()
