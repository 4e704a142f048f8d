"""The proofs of a repository, `proofs.json`: for each gate, a broken system that fails it.

`mlcharter prove` writes it, `check` reads it. schemas/proofs.json publishes the format; it is
generated from `Proofs`.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, field

from mlcharter.formats.models import Id, Part, Path, Sha256, Text, full_match
from mlcharter.formats.report import Pattern
from mlcharter.support.files import Tree, Unreadable
from mlcharter.support.plain import plain

PATH = "proofs.json"
MAX_BYTES = 1024 * 1024

Module = Annotated[str, full_match(r"[A-Za-z][A-Za-z0-9_]{0,62}", "a module in evals/")]


class Block(Part, frozen=True, kw_only=True):
    """The config blocks of one kind in a document."""

    document: Path
    kind: Text


class Eval(Part, frozen=True, kw_only=True):
    """What an eval reads: files by pattern, and config blocks. Its defects are code among them."""

    name: Module
    patterns: Annotated[list[Pattern], Meta(min_length=1)]
    blocks: list[Block] = field(default_factory=list)


class Proof(Part, frozen=True, kw_only=True, omit_defaults=True):
    """A gate that a broken system fails.

    `eval` is the module in evals/ that has the defect; a gate on scores has none, and `defect` says
    how its scores were broken. `value` was measured on the broken system, `bound` is the end of its
    interval that the gate compares. `sha256` is of the gate's entry and of the inputs of the eval,
    or of the metric, the slice and the dataset of the scores.
    """

    gate: Id
    eval: Module | None = None
    value: float
    bound: float
    sha256: Sha256
    defect: Text | None = None


class Proofs(Part, frozen=True, kw_only=True):
    """The proofs, sorted by gate, and the evals that they come from."""

    version: Literal[1]
    evals: list[Eval] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)


def read(tree: Tree) -> Proofs | str | None:
    """Return the proofs of a repository, or the problem of the file; None if there is no file."""
    if not tree.lexists(PATH):
        return None
    data = tree.read(PATH, MAX_BYTES)
    if isinstance(data, Unreadable):
        return data.message.partition(";")[0]
    try:
        return msgspec.json.decode(data, type=Proofs)
    except (msgspec.DecodeError, RecursionError) as error:
        return f"is not what `mlcharter prove` writes: {plain(str(error))}"


def render(proofs: Proofs) -> str:
    """Return the text of the file: one line for each eval and each gate."""
    lists = []
    for name, entries in (
        ("evals", sorted(proofs.evals, key=lambda entry: entry.name)),
        ("proofs", sorted(proofs.proofs, key=lambda entry: entry.gate)),
    ):
        lines = ",\n".join(f"  {_line(entry)}" for entry in entries)
        lists.append(f' "{name}": [\n{lines}\n ]' if lines else f' "{name}": []')
    return f'{{\n "version": {proofs.version},\n' + ",\n".join(lists) + "\n}\n"


def _line(entry: Eval | Proof) -> str:
    import json

    return json.dumps(msgspec.to_builtins(entry), allow_nan=False)
