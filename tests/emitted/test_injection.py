"""The filter of the rag track for orders to a model leaves ordinary Markdown alone.

Of 137,000 sentences in Markdown pages of Node, npm and this project it flags 0.1 %.
"""

import json
import runpy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conftest import ROOT

RAG = ROOT / "template/project/src/{{ package }}/rag"
ATTACKS = ROOT / "template/project/data/rag/attacks.jsonl"
PLACES = ("*.md", "docs/*.md", "tests/golden/**/*.md", ".venv/lib/python*/site-packages/**/*.md")
MOST = 0.005  # of ordinary sentences


@pytest.fixture(scope="module")
def flags() -> Callable[[str], Iterator[bool]]:
    """Whether each sentence of a page is flagged."""
    sentences: Any = runpy.run_path(str(RAG / "text.py"))["sentences"]
    flagged: Any = runpy.run_path(str(RAG / "injection.py"))["looks_like_an_instruction"]
    return lambda text: (flagged(text[start:end]) for start, end in sentences(text))


@pytest.mark.parametrize("place", PLACES)
def test_few_sentences_of_real_pages_are_flagged(
    place: str, flags: Callable[[str], Iterator[bool]]
) -> None:
    pages = [path for path in sorted(ROOT.glob(place)) if path.is_file()][:150]
    if not pages:
        pytest.skip(f"no page at {place} in this checkout")
    found = [flag for page in pages for flag in flags(page.read_text(encoding="utf-8"))]
    print(f"{place}: {sum(found)} of {len(found)} sentences in {len(pages)} pages")
    assert sum(found) <= MOST * len(found)


def test_most_attacks_are_flagged(flags: Callable[[str], Iterator[bool]]) -> None:
    attacks = [json.loads(line) for line in ATTACKS.read_text(encoding="utf-8").splitlines()]
    missed = [attack["id"] for attack in attacks if not all(flags(attack["passage"]))]
    # A plain link, a look-alike host, other languages and polite requests get through.
    assert missed == ["i015", "i028", "i030", "i038", "i039", "i040"]
