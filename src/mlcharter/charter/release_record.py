"""The artefacts that a release pins together, and the records of a repository's releases."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from mlcharter.charter.charter import Charter
from mlcharter.support.files import Tree

RELEASES = "versioning/releases"
# The same as the section `joint-release` of versioning/registries.md; a test compares them.
TRACKS = {
    "applied": ("model", "dataset", "eval"),
    "platform": ("model", "dataset", "eval"),
    "rag": ("model", "dataset", "eval", "prompt", "retriever", "index"),
    "rl": ("dataset", "eval", "policy", "reward", "environment"),
}
WHERE_ANY = ("model", "judge", "reranker", "guardrail")


class Manifest(Struct, frozen=True):
    """The record of a release, with the artefacts that it pins."""

    id: str
    sequence: int
    members: tuple[str, ...]
    previous: str | None = None


def required(charter: Charter) -> dict[str, str]:
    """Return the kinds of artefacts that a release must pin, each with the reason."""
    tracks = charter.answers.values.get("tracks") or ()
    found = {
        entry.value.kind: "one is registered"
        for entry in charter.entries("registry")
        if entry.value.kind in WHERE_ANY and entry.value.stage == "released"
    }
    for track in tracks:
        found |= dict.fromkeys(TRACKS.get(track, ()), f"the track `{track}` has it")
    return found


def read_all(tree: Tree) -> Iterator[Manifest]:
    """Yield the records of all releases that can be read, by their names."""
    for name, _ in sorted(tree.list_folder(RELEASES)):
        record = read(tree, name.removesuffix(".json"))
        if not isinstance(record, str):
            yield record


def read(tree: Tree, id: str) -> Manifest | str:
    """Return the record of a release, or the problem as a predicate of its path."""
    import msgspec

    path = f"{RELEASES}/{id}.json"
    data = tree.read(path)
    if not isinstance(data, bytes):
        return data.message if tree.exists(path) else "does not exist"
    try:
        return msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, RecursionError):
        return "is not a release record with `id`, `sequence` and `members`"


def name(ref: Any) -> str:
    """Return the name in a reference: `wdbc` in `dataset/wdbc@sha256:…`."""
    return str(ref).partition("@")[0].partition("/")[2]
