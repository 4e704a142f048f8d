"""Text for a commit hook: what weakens, and how much in each file a person must judge."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import click

from mlcharter.check.result import join
from mlcharter.diff.difference import Comparison, Difference
from mlcharter.diff.outputs import text
from mlcharter.support.plain import plain, plain_message

MOST = 10  # differences for a person to judge that are shown one by one


def render(comparison: Comparison) -> str:
    judged = [each for each in comparison.shown if each.effect == "needs a person"]
    if len(judged) <= MOST:
        return text.render(comparison)
    weaker = [each for each in comparison.shown if each.effect == "weakens"]
    lines = [line for each in weaker for line in text.describe(comparison.prefix, each)]
    return text.join_lines(comparison, [*lines, *_count(comparison, judged)])


def _count(comparison: Comparison, judged: Sequence[Difference]) -> Iterator[str]:
    """Yield a line for each file, with its differences counted by what they are about."""
    for path, group in groupby(judged, key=lambda each: each.path):
        kinds = Counter(each.subject.split()[0].rstrip(":") for each in group)
        place = click.style(plain(join(comparison.prefix, path)), bold=True)
        effect = click.style("needs a person", fg=text.COLOURS["needs a person"])
        counts = ", ".join(f"{kind} ({count})" for kind, count in kinds.most_common())
        yield f"{place}: {effect}: {plain_message(counts)}"
    yield plain_message(f"one by one: `mlcharter diff {comparison.commit[:12]}`")
