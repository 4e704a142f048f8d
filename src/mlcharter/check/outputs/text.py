"""Text for a terminal: findings grouped by file, in colour."""

from collections.abc import Sequence
from itertools import groupby

import click

from mlcharter.check.result import Judged, Result, summary
from mlcharter.support.plain import plain, plain_message


def render(results: Sequence[Result]) -> str:
    blocks = []
    for result in results:
        failing = list(result.with_outcome("fails"))
        for path, group in groupby(failing, key=result.path):
            blocks.append("\n".join(_line(path, judged) for judged in group))
        lines = [plain_message(line) for line in summary(result)]
        lines[0] = click.style(lines[0], fg="red" if failing else "green")
        if len(results) > 1:
            lines[0] = f"{plain(result.prefix or './')} {lines[0]}"
        blocks.append("\n".join(lines))
    if len(results) == 1 and (level := results[0].next_level):
        blocks[-1] += "\n" + plain_message(
            f"next: `mlcharter check --level {level}` lists the findings"
        )
    if len(results) > 1:
        failing_repositories = sum(result.fails for result in results)
        blocks.append(
            f"{len(results)} repositories: {failing_repositories or 'none'} with findings that fail"
        )
    return "\n\n".join(blocks or ["no file here belongs to a charter"]) + "\n"


def _line(path: str, judged: Judged) -> str:
    finding = judged.finding
    place = click.style(f"{plain(path)}:{finding.line}:{finding.column}:", bold=True)
    rule = click.style(f"[{plain(finding.rule)}]", fg="yellow")
    return f"{place} {plain_message(finding.message)} {rule}"
