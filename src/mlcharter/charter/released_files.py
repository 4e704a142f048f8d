"""What a repository keeps of its releases: files that begin with a month or a day."""

from collections.abc import Iterable

RELEASED = "reports/released"


def newest(names: Iterable[str], suffix: str) -> str | None:
    """The name of the latest day among those that end in `suffix`, such as `-rag.json`.

    What precedes the suffix is the day: `2026-11-23` is later than `2026-11`, `2026-11b` than both.
    """
    found = (name for name in names if name.endswith(suffix))
    return max(found, key=lambda name: name.removesuffix(suffix), default=None)
