"""`python -m mlcharter` and the `mlcharter` script."""

import atexit
import gc
import io
import os
import sys

from mlcharter.support.errors import UserError


def main() -> None:
    """Run the command line; it ends with SystemExit."""
    gc.set_threshold(100_000)  # most runs end before collecting cycles is worth it
    status: list[int] = []
    atexit.register(_leave, status)  # registered before the imports, so that it runs last
    from mlcharter.cli import cli

    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal whose encoding lacks `…` gets an escape, not a traceback.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        cli(prog_name="mlcharter")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            status.append(end.code or 0)
        raise
    except Exception:
        # Python would exit with 1, which means that there are findings.
        _print_traceback()
        sys.exit(UserError.exit_code)


def _print_traceback() -> None:
    """Print the traceback of a bug; its message may quote a repository."""
    import traceback

    from mlcharter.support.plain import plain_page

    sys.stderr.write(plain_page(traceback.format_exc()))


def _leave(status: list[int]) -> None:
    """End the process at once, since freeing its memory takes a tenth of a short run.

    Without a status, or if the output cannot be flushed, Python exits as usual.
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
