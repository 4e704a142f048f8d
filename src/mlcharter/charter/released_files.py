"""Find the files of the last release, whose names begin with a month or a date."""

from collections.abc import Iterable

from mlcharter.template.answers import Answers

RELEASED = "reports/released"


def newest(names: Iterable[str], suffix: str) -> str | None:
    """Return the name with the latest date among those that end in `suffix`, such as `-rag.json`.

    The date is the part before the suffix: `2026-11-23` is later than `2026-11`, and `2026-11b`
    than both.
    """
    matching = (name for name in names if name.endswith(suffix))
    return max(matching, key=lambda name: name.removesuffix(suffix), default=None)


def suggest_saving(what: str, answers: Answers) -> str:
    """Return how to keep a file of a release: with `make release`, where that is there."""
    return f"run `make release`, or save {what}" if answers.has_make else f"save {what}"
