"""The filled-in contracts that `explain` shows: one of every kind, valid, out of the examples."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import examples
import mlcharter
from conftest import ROOT
from mlcharter.charter import contracting
from mlcharter.check import rule
from mlcharter.explain import explaining
from mlcharter.markdown import document
from mlcharter.markdown.document import Contract

HEAD = """\
# Contracts, filled in

Made from the examples by `pytest --accept tests/test_filled.py`; `mlcharter explain` shows it.
"""


def contracts() -> Iterator[tuple[str, Contract]]:
    """Every contract of the examples, then those of the rules' own, with where each comes from."""
    for path in sorted((ROOT / "examples").rglob("*.md")):
        for contract in document.parse(path.read_text(encoding="utf-8"), str(path)).contracts:
            yield path.relative_to(ROOT).as_posix(), contract
    for name in rule.names():
        for example in rule.described(name).examples:
            for path, text in examples.files(example.text).items():
                if example.kind == "Fine":
                    for contract in document.parse(text, path).contracts:
                        yield f"the rule {name}", contract


def entries() -> dict[str, tuple[str, str]]:
    """The fullest entry of each kind, with its source: the first that leaves the fewest keys empty.

    One that shows most of what may be written helps most; one with a waiver is an exception.
    """
    best: dict[str, tuple[int, str, str]] = {}
    for source, contract in contracts():
        for entry in contracting.read(contract).entries:
            value = entry.contract.tree.value
            for part in entry.path:
                value = value[part]
            full = sum(1 for given in value.values() if given is not None)
            known = best.get(contract.kind)
            rules_own = source.startswith("the rule") and known is not None
            if "na" not in value and not rules_own and (known is None or full > known[0]):
                best[contract.kind] = full, source, text(contract, entry.path)
    return {kind: (source, shown) for kind, (_, source, shown) in sorted(best.items())}


def text(contract: Contract, path: tuple[str | int, ...]) -> str:
    """An entry as it was written."""
    start, end = contract.tree.span(*path)
    lines = contract.text.splitlines(keepends=True)[start.line - 1 : end.line]
    return "".join(lines).rstrip() + "\n" if path else contract.text


def test_they_are_those_of_the_examples(request: pytest.FixtureRequest) -> None:
    blocks = [
        f"<!-- contract: {kind} -->\n```yaml\n# from {source}\n{shown}```\n"
        for kind, (source, shown) in entries().items()
    ]
    wanted = "\n".join([HEAD, *blocks])
    if request.config.getoption("--accept"):
        explaining.FILLED.write_text(wanted, encoding="utf-8")

    assert explaining.FILLED.read_text(encoding="utf-8") == wanted, "run `pytest --accept`"


@pytest.mark.parametrize("kind", contracting.kinds())
def test_every_kind_has_one_that_its_model_takes(kind: str) -> None:
    read = contracting.read(explaining.filled_in()[kind])

    assert read.problems == ()
    assert len(read.entries) == 1


def test_the_file_is_where_a_wheel_has_it() -> None:
    assert explaining.FILLED.is_relative_to(Path(mlcharter.__file__).parent)
