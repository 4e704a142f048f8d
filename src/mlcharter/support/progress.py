"""Saying how far a long run is, on a terminal only."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import click

from mlcharter.support.plain import plain

T = TypeVar("T")
_ERASE = "\r\x1b[K"


def shown(things: Sequence[T], name: Callable[[T], str]) -> Iterator[T]:
    """The things, one by one, while a line of the terminal says which one it is.

    One thing alone, and a stderr that is no terminal, get no line; what is left behind is none.
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
    """Show nothing: for callers that have no terminal to write to."""


@contextmanager
def steps(count: int) -> Iterator[Tell]:
    """Give a function that shows which of `count` steps has begun: `2/4 rendering the template`.

    The line is erased at the end; a stderr that is no terminal gets none. Who asks a person
    something erases it first, with an empty text.
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
