"""The filled-in config blocks that `explain` shows: one of each kind, valid, from the examples."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import examples
import mlcharter
from conftest import ROOT
from mlcharter.charter import config_entries
from mlcharter.check import rule
from mlcharter.explain import pages
from mlcharter.markdown import document
from mlcharter.markdown.document import ConfigBlock

HEAD = """\
# Config blocks, filled in

Made from the examples by `make accept`; `mlcharter explain` shows it.
"""


def configs() -> Iterator[tuple[str, ConfigBlock]]:
    """Yield every config block of the examples, then of the rules, each with its source."""
    for path in sorted((ROOT / "examples").rglob("*.md")):
        for config in document.parse(path.read_text(encoding="utf-8"), str(path)).configs:
            yield path.relative_to(ROOT).as_posix(), config
    for name in rule.names():
        for example in rule.describe(name).examples:
            for path, text in examples.files(example.text).items():
                if example.kind == "Fine":
                    for config in document.parse(text, path).configs:
                        yield f"the rule {name}", config


def entries() -> dict[str, tuple[str, str]]:
    """Return the entry of each kind with the fewest empty keys, and its source.

    One that shows most of what may be written helps most; one with a waiver is an exception.
    """
    best: dict[str, tuple[int, str, str]] = {}
    for source, config in configs():
        for entry in config_entries.read(config).entries:
            value = entry.config.tree.value
            for part in entry.path:
                value = value[part]
            full = sum(1 for given in value.values() if given is not None)
            known = best.get(config.kind)
            rules_own = source.startswith("the rule") and known is not None
            if "waived" not in value and not rules_own and (known is None or full > known[0]):
                best[config.kind] = full, source, text(config, entry.path)
    return {kind: (source, shown) for kind, (_, source, shown) in sorted(best.items())}


def text(config: ConfigBlock, path: tuple[str | int, ...]) -> str:
    """Return the text of an entry."""
    start, end = config.tree.span(*path)
    lines = config.text.splitlines(keepends=True)[start.line - 1 : end.line]
    return "".join(lines).rstrip() + "\n" if path else config.text


def test_filled_in_blocks_are_those_of_the_examples(request: pytest.FixtureRequest) -> None:
    blocks = [
        f"<!-- config: {kind} -->\n```yaml\n# from {source}\n{shown}```\n"
        for kind, (source, shown) in entries().items()
    ]
    wanted = "\n".join([HEAD, *blocks])
    if request.config.getoption("--accept"):
        pages.FILLED.write_text(wanted, encoding="utf-8")

    assert pages.FILLED.read_text(encoding="utf-8") == wanted, "run `pytest --accept`"


@pytest.mark.parametrize("kind", config_entries.kinds())
def test_every_kind_has_a_valid_filled_in_block(kind: str) -> None:
    read = config_entries.read(pages.filled_in_configs()[kind])

    assert read.problems == ()
    assert len(read.entries) == 1


def test_the_file_is_where_a_wheel_has_it() -> None:
    assert pages.FILLED.is_relative_to(Path(mlcharter.__file__).parent)
