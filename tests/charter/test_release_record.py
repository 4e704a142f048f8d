"""The check and the documents agree on what a release must pin."""

import re
from pathlib import Path

import pytest

from mlcharter.charter import release_record

TEMPLATE = Path(__file__).parents[2] / "template"
KIND = re.compile(r"`([a-z]+)`")


def sentence(path: str, begin: str) -> str:
    text = (TEMPLATE / path).read_text(encoding="utf-8")
    return next(line for line in text.splitlines() if line.startswith(begin))


@pytest.mark.parametrize("track", release_record.TRACKS)
def test_the_document_and_the_check_require_the_same_kinds(track: str) -> None:
    asked = set(KIND.findall(sentence("project/versioning/registries.md.jinja", "Required in")))
    own = TEMPLATE / f"tracks/{track}/registries/joint-release.md"
    if track in ("rag", "rl"):
        name = {"rag": "RAG:", "rl": "RL:"}[track]
        line = sentence(own.relative_to(TEMPLATE).as_posix(), name)
        asked |= set(KIND.findall(line.partition("where there are any")[0].partition(", and")[0]))
    if "policy" in asked:
        asked -= {"model"}  # "unless a policy takes its place"

    assert set(release_record.TRACKS[track]) == asked


def test_every_track_has_its_kinds() -> None:
    assert set(release_record.TRACKS) == {path.name for path in (TEMPLATE / "tracks").iterdir()}


def test_required_kinds_of_a_release_depend_on_the_registry() -> None:
    line = sentence("tracks/rag/registries/joint-release.md", "RAG:")
    told = set(KIND.findall(line.partition(", and")[2]))

    assert told == set(release_record.WHERE_ANY) - {"model"}
