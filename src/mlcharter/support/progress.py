"""Show the progress of a long run on a terminal."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import click

from mlcharter.support.plain import plain

T = TypeVar("T")
_ERASE = "\r\x1b[K"


def show_each(things: Sequence[T], name: Callable[[T], str]) -> Iterator[T]:
    """Yield each thing, and show which one it is on a line of the terminal.

    A single thing, or a stderr that is not a terminal, gets no line. The line is erased at the end.
    """
    if len(things) < 2 or not sys.stderr.isatty():
        yield from things
        return
    try:
        for n, thing in enumerate(things, 1):
            click.echo(f"{_ERASE}{n}/{len(things)} {plain(name(thing))[:60]}", err=True, nl=False)
            yield thing
    finally:
        click.echo(_ERASE, err=True, nl=False)


Tell = Callable[[str], None]


def silent(what: str) -> None:
    """Show nothing; for callers without a terminal."""


@contextmanager
def steps(count: int) -> Iterator[Tell]:
    """Provide a function that shows which of `count` steps runs: `2/4 rendering the template`.

    The line is erased at the end; a stderr that is not a terminal gets none. Pass an empty text to
    erase it before a question.
    """
    if not sys.stderr.isatty():
        yield silent
        return
    begun = 0

    def tell(what: str) -> None:
        nonlocal begun
        begun += bool(what)
        line = f"{min(begun, count)}/{count} {what}" if what else ""
        click.echo(f"{_ERASE}{plain(line)[:74]}", err=True, nl=False)

    try:
        yield tell
    finally:
        tell("")
