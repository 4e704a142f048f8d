"""The command line: every module in commands/ is a command, imported when it is called.

`mlcharter --help` reads their first lines, and imports none of them.
"""

import errno
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from click.exceptions import NoArgsIsHelpError

from mlcharter import __version__, commands
from mlcharter.support import plugins
from mlcharter.support.errors import UserError
from mlcharter.support.nearest import nearest, remedy
from mlcharter.support.plain import plain, plain_message

COMMANDS = commands.__name__
INTERRUPTED = 130
PIPE_CLOSED = 141
WIDTH = 80  # columns of a terminal
# The sections of `--help`, in their order; a command in none of them is not listed.
SECTIONS = ("Start", "Every day", "Now and then", "Platform teams")
# What the machine refuses: no room, no permission, a name or a file too long.
MENDABLE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENAMETOOLONG,
}


class Failure(click.ClickException):
    """A UserError on its way to the terminal."""

    exit_code = UserError.exit_code

    def show(self, file: Any = None) -> None:
        click.echo(f"error: {self.message}", err=True)


class Group(click.Group):
    """A group whose commands are the modules of a package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return plugins.names(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = plugins.load_one(COMMANDS, name).command
        command.name = name
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        names = self.list_commands(ctx)
        if args[0] not in names:
            raise click.UsageError(f"no command `{args[0]}`; {remedy(args[0], names)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section, as their modules say."""
        entries = [_help_entry(name) for name in self.list_commands(ctx)]
        for section in SECTIONS:
            rows = sorted(entry[1:] for entry in entries if entry[0] == section)
            if rows:
                with formatter.section(section):
                    formatter.write_dl([(name, summary) for _, name, summary in rows])

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _boundary():
            return super().make_context(*args, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise _no_option(error, "an option of a command comes after its name") from None

    def invoke(self, ctx: click.Context) -> Any:
        with _boundary():
            return super().invoke(ctx)


@contextmanager
def _boundary() -> Iterator[None]:
    """The one error boundary: what a user can mend is a message, a bug keeps its traceback."""
    try:
        yield
    except NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        if isinstance(error, click.NoSuchOption):
            error = _no_option(error)
        raise click.UsageError(plain(error.format_message()), error.ctx) from None
    except UserError as error:
        hint = f"\n{_columns(f'  hint: {plain_message(error.hint)}')}" if error.hint else ""
        raise Failure(plain_message(error.message) + hint) from error
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        # The reader has left. Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(PIPE_CLOSED) from None
    except OSError as error:
        if error.errno not in MENDABLE:
            raise
        where = f"{error.filename}: " if error.filename else ""
        hint = "\n  hint: mend that, then run the same command again"
        raise Failure(plain(f"{where}{error.strerror}") + hint) from error


def _columns(text: str) -> str:
    """Break a list of what is allowed, where it is wider than a terminal, between its entries."""
    mark = next((mark for mark in ("allowed: ", "there are ") if mark in text), "")
    before, _, listed = text.partition(mark) if mark else (text, "", "")
    first, *entries = listed.split(", ")
    lines = [before + mark + first]
    for entry in entries:
        if len(lines[-1]) + len(entry) + 3 > WIDTH:
            lines.append(f"    {entry}")
        else:
            lines[-1] += f", {entry}"
    return ",\n".join(lines)


def _no_option(
    error: click.NoSuchOption, otherwise: str = "`--help` lists them"
) -> click.UsageError:
    """The nearest of the command's own options, else what to do otherwise."""
    command = error.ctx.command if error.ctx else None
    names = [name for option in command.params for name in option.opts] if command else []
    long = [name for name in names if name.startswith("--")]
    close = nearest(error.option_name, long)
    way = f"did you mean `{close[0]}`?" if close else otherwise
    return click.UsageError(f"no option `{error.option_name}`; {way}", error.ctx)


def _help_entry(name: str) -> tuple[str, int, str, str]:
    """Return section, position, name and summary of a command, read without importing it."""
    path = Path(commands.__path__[0], f"{name.replace('-', '_')}.py")
    text = path.read_text(encoding="utf-8")
    placed = re.search(r'^SECTION, POSITION = "(.+)", (\d+)$', text, re.MULTILINE)
    assert placed, f"{path.name} has no SECTION and POSITION"
    return placed[1], int(placed[2]), name, text.partition("\n")[0].strip('"')


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="New here? Run `mlcharter new DEST`; in a repository with code, `mlcharter adopt`.",
)
@click.version_option(__version__, prog_name="mlcharter", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Create ML repositories whose documents are checked by CI, and keep them current."""
    if os.environ.get("NO_COLOR"):
        ctx.color = False
