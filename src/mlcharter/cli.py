"""The command line: each module in commands/ is a command, imported when it is run.

`mlcharter --help` reads their docstrings without importing them.
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
from mlcharter.support import groups, plugins
from mlcharter.support.errors import UserError
from mlcharter.support.nearest import nearest
from mlcharter.support.plain import plain, plain_message, plain_page

COMMANDS = commands.__name__
INTERRUPTED = 130
PIPE_CLOSED = 141
WIDTH = 80  # columns of a terminal
# The sections of `--help`, in order; a command of another section is hidden.
SECTIONS = ("Start", "Every day", "Now and then", "Platform teams")
# Errors of the system that a user can fix: disk full, no permission, name too long.
FIXABLE = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENAMETOOLONG,
}


class Failure(click.ClickException):
    """A UserError as click shows it."""

    exit_code = UserError.exit_code

    def show(self, file: Any = None) -> None:
        click.echo(f"error: {self.message}", err=True)


class Group(groups.Group):
    """A group whose commands are the modules of a package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return plugins.names(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = plugins.load_one(COMMANDS, name).command
        command.name = name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section."""
        entries = [_help_entry(name) for name in self.list_commands(ctx)]
        for section in SECTIONS:
            rows = sorted(entry[1:] for entry in entries if entry[0] == section)
            if rows:
                with formatter.section(section):
                    formatter.write_dl([(name, summary) for _, name, summary in rows])

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        with _show_user_errors():
            return super().make_context(*args, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise _no_option(error, "put an option of a command after its name") from None

    def invoke(self, ctx: click.Context) -> Any:
        with _show_user_errors():
            return super().invoke(ctx)


@contextmanager
def _show_user_errors() -> Iterator[None]:
    """Turn errors that a user can fix into messages; a bug keeps its traceback."""
    try:
        yield
    except NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        if isinstance(error, click.NoSuchOption):
            error = _no_option(error)
        raise click.UsageError(plain(error.format_message()), error.ctx) from None
    except UserError as error:
        lines = plain_page(error.hint or "").replace("\n", "\n    ")
        hint = f"\n{_wrap_list(f'  hint: {lines}')}" if error.hint else ""
        raise Failure(plain_message(error.message) + hint) from error
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        # The reader has closed the pipe. Without this, Python would report it again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(PIPE_CLOSED) from None
    except OSError as error:
        if error.errno not in FIXABLE:
            raise
        where = f"{error.filename}: " if error.filename else ""
        hint = "\n  hint: fix that, then run the same command again"
        raise Failure(plain(f"{where}{error.strerror}") + hint) from error


def _wrap_list(text: str) -> str:
    """Wrap a list of allowed values between its entries."""
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
    """Return an error that suggests the nearest option of the command, else `otherwise`."""
    command = error.ctx.command if error.ctx else None
    names = [name for option in command.params for name in option.opts] if command else []
    long = [name for name in names if name.startswith("--")]
    close = nearest(error.option_name, long)
    advice = f"did you mean `{close[0]}`?" if close else otherwise
    return click.UsageError(f"no option `{error.option_name}`; {advice}", error.ctx)


def _help_entry(name: str) -> tuple[str, int, str, str]:
    """Return section, position, name and summary of a command, read without importing it."""
    path = Path(commands.__path__[0], f"{name.replace('-', '_')}.py")
    text = path.read_text(encoding="utf-8")
    position = re.search(r'^SECTION, POSITION = "(.+)", (\d+)$', text, re.MULTILINE)
    assert position, f"{path.name} has no SECTION and POSITION"
    return position[1], int(position[2]), name, text.partition("\n")[0].strip('"')


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if not asked or ctx.resilient_parsing:
        return
    from mlcharter.template import bundled

    template = bundled.read_build_version() or f"of {bundled.embedded_root()}, as it is there"
    click.echo(plain_page(f"mlcharter {__version__}\ntemplate {template}"))
    ctx.exit()


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="New here? Run `mlcharter new DEST`; in a repository with code, `mlcharter adopt`.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version, and that of the template, and exit.",
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Create ML repositories whose documents are checked by CI, and keep them current."""
    if os.environ.get("NO_COLOR"):
        ctx.color = False
