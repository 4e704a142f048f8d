"""Read the documentation of rules: name, level, title, reason and examples.

A rule is a module of `rules/`. Its docstring has a title, a reason, and blocks of indented text
under `Template:`, `Flagged:` and `Fine:`. `explain` shows them, and tests run them.
"""

from functools import cache
from types import ModuleType

from msgspec import Struct

from mlcharter.support import plugins

PACKAGE = "mlcharter.check.rules"
SITE = "https://mlcharter.github.io/mlcharter/"
_BLOCKS = ("Template:", "Flagged:", "Fine:", "Example:")


class Example(Struct, frozen=True):
    """An example's heading without its colon, and its text without indentation."""

    kind: str
    text: str


class Rule(Struct, frozen=True):
    """A rule; its findings fail from `level` on, those of a `note` at no level."""

    name: str
    level: str
    title: str
    reason: str
    examples: tuple[Example, ...]


@cache
def names() -> list[str]:
    """Return the name of every rule, without importing any."""
    return plugins.names(PACKAGE)


@cache
def module(name: str) -> ModuleType:
    """Return the module of a rule."""
    return plugins.load_one(PACKAGE, name)


def describe(name: str) -> Rule:
    """Return the documentation in the docstring of a rule's module."""
    title, reason, examples = parts(module(name).__doc__ or "")
    return Rule(name, module(name).LEVEL, title, reason, examples)


def url(name: str) -> str:
    """Return the address of a rule's page."""
    return f"{SITE}reference/rules/{name}.html"


def parts(text: str) -> tuple[str, str, tuple[Example, ...]]:
    """Split a docstring into its first line, its text, and its examples."""
    from textwrap import dedent

    title, _, rest = text.strip().partition("\n")
    before: list[str] = []
    blocks: list[tuple[str, list[str]]] = []
    for line in rest.splitlines():
        if line.strip() in _BLOCKS and not line.startswith(" "):
            blocks.append((line.strip(), []))
        elif blocks:
            blocks[-1][1].append(line)
        else:
            before.append(line)
    examples = tuple(
        Example(kind.removesuffix(":"), dedent("\n".join(lines)).strip("\n") + "\n")
        for kind, lines in blocks
    )
    return title, "\n".join(before).strip(), examples
