"""What moves together in a release, and what is kept of the releases of a repository."""

from typing import Any

from msgspec import Struct

from mlcharter.charter.charter import Charter

RELEASES = "versioning/releases"
# What the section `joint-release` of versioning/registries.md says; a test compares them.
TRACKS = {
    "applied": ("model", "dataset", "eval"),
    "platform": ("model", "dataset", "eval"),
    "rag": ("model", "dataset", "eval", "prompt", "retriever", "index"),
    "rl": ("dataset", "eval", "policy", "reward", "environment"),
}
WHERE_ANY = ("model", "judge", "reranker", "guardrail")


class Manifest(Struct, frozen=True):
    """A release as it was recorded, with what it pins."""

    id: str
    sequence: int
    members: tuple[str, ...]
    previous: str | None = None


def required(charter: Charter) -> dict[str, str]:
    """The kinds that a release here must pin, each with the reason in words."""
    tracks = charter.answers.values.get("tracks") or ()
    found = {
        entry.value.kind: "one is registered"
        for entry in charter.entries("registry")
        if entry.value.kind in WHERE_ANY and entry.value.stage == "released"
    }
    for track in tracks:
        found |= dict.fromkeys(TRACKS.get(track, ()), f"the track `{track}` has it")
    return found


def manifest(charter: Charter, id: str) -> Manifest | str:
    """The record of a release, or what is wrong with it as a predicate of its path."""
    import msgspec

    path = f"{RELEASES}/{id}.json"
    data = charter.file(path)
    if not isinstance(data, bytes):
        return data.message if charter.exists(path) else "is not there"
    try:
        return msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, RecursionError):
        return "is no record of a release with `id`, `sequence` and `members`"


def name(ref: Any) -> str:
    """`wdbc` of `dataset/wdbc@sha256:…`."""
    return str(ref).partition("@")[0].partition("/")[2]
