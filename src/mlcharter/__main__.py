"""`python -m mlcharter` and the `mlcharter` script."""

import atexit
import gc
import io
import os
import sys

from mlcharter.support.errors import UserError


def main() -> None:
    """Run the command line; it ends with SystemExit."""
    gc.set_threshold(100_000)  # most runs are over before collecting cycles pays
    status: list[int] = []
    atexit.register(_leave, status)  # before the imports, so that it comes last
    from mlcharter.cli import cli

    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that has no `…` gets its number, and no traceback.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        cli(prog_name="mlcharter")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            status.append(end.code or 0)
        raise
    except Exception:
        # Python would exit with 1, which says that something was found.
        _print_traceback()
        sys.exit(UserError.exit_code)


def _print_traceback() -> None:
    """Print the traceback of a bug; its message may quote a repository."""
    import traceback

    from mlcharter.support.plain import plain_page

    sys.stderr.write(plain_page(traceback.format_exc()))


def _leave(status: list[int]) -> None:
    """End the process now: to take its memory down piece by piece takes a tenth of a short run.

    Where there is no status, or what was printed cannot be flushed, Python ends as it always does.
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (AttributeError, OSError, ValueError):
        return
    if status:
        os._exit(status[0])


if __name__ == "__main__":
    main()
