"""Show the progress of a long run on a terminal."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import click

from mlcharter.support.plain import plain

T = TypeVar("T")
_ERASE = "\r\x1b[K"


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


def show_each(things: Sequence[T], name: Callable[[T], str]) -> Iterator[T]:
    """Yield each thing, and show which one it is; a single thing is not shown."""
    if len(things) < 2:
        yield from things
        return
    with steps(len(things)) as tell:
        for thing in things:
            tell(name(thing))
            yield thing
