"""What a rule says about itself: its name, the level at which it fails, its reason, its examples.

A rule is a module of `rules/`. Its docstring has a title, a reason, and blocks of indented text
under `Template:`, `Flagged:` and `Fine:`, which `explain` shows and which are its tests.
"""

from functools import cache
from types import ModuleType

from msgspec import Struct

from mlcharter.support import plugins

PACKAGE = "mlcharter.check.rules"
_BLOCKS = ("Template:", "Flagged:", "Fine:", "Example:")


class Example(Struct, frozen=True):
    """An example's heading without its colon, and its text without indentation."""

    kind: str
    text: str


class Rule(Struct, frozen=True):
    """`level` is the first at which its findings fail; a note fails at none."""

    name: str
    level: str
    title: str
    reason: str
    examples: tuple[Example, ...]


@cache
def names() -> list[str]:
    """Every rule, without importing any."""
    return plugins.names(PACKAGE)


@cache
def module(name: str) -> ModuleType:
    """The module of a rule."""
    return plugins.load_one(PACKAGE, name)


def described(name: str) -> Rule:
    """What a rule says about itself."""
    return describe(name, module(name))


def describe(name: str, module: ModuleType) -> Rule:
    """What the docstring of a rule says."""
    title, reason, examples = parts(module.__doc__ or "")
    return Rule(name, module.LEVEL, title, reason, examples)


def parts(text: str) -> tuple[str, str, tuple[Example, ...]]:
    """A docstring's first line, what stands before its examples, and these."""
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
