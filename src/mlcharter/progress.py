"""Saying how far a long run is, on a terminal only."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import click

from mlcharter.plain import plain

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
