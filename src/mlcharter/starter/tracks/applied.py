"""A CSV or Parquet file with one row a case.

Writes the code that loads it and a first model. The costs of a binary decision give its threshold,
and a gate: the decisions must cost less than the cheapest one that is the same for every row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from mlcharter.formats.report import Report
from mlcharter.markdown.document import PLACEHOLDER
from mlcharter.starter import documents, page, profile, proposals
from mlcharter.starter.documents import cell
from mlcharter.starter.profile import Column, Costs, Profile, Request
from mlcharter.starter.tracks import Ask, Edit, Own
from mlcharter.support.errors import UserError

EXAMPLE = "mlcharter starter replace FILE --target COLUMN"
_COST = click.FloatRange(0, min_open=True)
OPTIONS = [
    click.Option(["--target"], help="The column that is predicted; without it, all are listed."),
    click.Option(
        ["--group", "groups"], multiple=True, help="A column to evaluate by value; repeatable."
    ),
    click.Option(["--entity"], help="A column: rows of one person or device stay together."),
    click.Option(
        ["--private"], is_flag=True, help="Keep the data out of Git: .gitignore names their file."
    ),
    click.Option(["--time"], help="A column with dates: the newest rows are the test set."),
    click.Option(
        ["--kind"], type=click.Choice(profile.KINDS), help="What the target is, if not clear."
    ),
    click.Option(["--positive"], help="The value of a binary target that counts as 1."),
    click.Option(
        ["--cost-false-negative"], type=_COST, help="What it costs to miss a case, in any unit."
    ),
    click.Option(["--cost-false-positive"], type=_COST, help="What a false alarm costs."),
]
_CARD = """\
# Data card: {name}

Owner: {owner}

Reviewed:

The rows that the system learns from and is evaluated on.

## Origin
<!-- section: {name}-origin -->

| Field | Value |
|---|---|
| id and digest in the evaluation pack | `{name}` |
| rows, columns, period | {rows} rows, {columns} columns; {period} |
| file | `data/{name}.csv`{private} |
| licence or contract, and a link to its text | {licence} |

{placeholder}

## What is in it
<!-- section: {name}-content -->

| Column | Values | Missing |
|---|---|---|
{contents}

## Labels
<!-- section: {name}-labels -->

The target is `{target}`{positive}.{unlabelled}

{placeholder}

## Use
<!-- section: {name}-use -->

{placeholder}

## Keeping
<!-- section: {name}-keeping -->

{placeholder}
"""


@dataclass(frozen=True)
class Table(Own):
    """A table of cases, and what was found out about its columns."""

    profile: Profile
    track = "applied"
    keeps = ("src/*/serving/backends/applied.py", "tests/platform/test_backend_applied.py")
    served = "the service serves your model: `make release` pins what `make eval` measured"

    def render(self) -> list[str]:
        read = self.profile
        target = read.request.target
        left = f", {read.unlabelled} of them left out for want of `{target}`"
        rows = f"{read.rows} rows{left if read.unlabelled else ''}"
        return [f"{read.name}: {rows}; a {read.kind} target"]

    def list_notes(self) -> list[str]:
        notes = self.profile.list_notes()
        if personal := self.profile.list_personal():
            shown = ", ".join(f"`{name}` ({why})" for name, why in personal.items())
            notes.append(f"these columns look like identifiers or personal data: {shown}")
        if self.profile.request.private:
            notes.append(
                f"{self._path} is in .gitignore; CI must put that file there before `make eval`"
            )
        else:
            notes.append(
                f"{self._path} is a copy of the data, and goes into Git with your next commit; if "
                "it must not, run `mlcharter update --abort`, then this with --private"
            )
        return notes

    def list_data(self) -> dict[str, bytes]:
        return {self._path: self.profile.content}

    def write_pages(self, answers: Mapping[str, object]) -> dict[str, bytes]:
        name = self.profile.name.replace("-", "_")
        return {
            f"src/{answers['package']}/applied/system.py": page.write(self.profile).encode(),
            f"docs/cards/data_{name}.md": card(self.profile, str(answers["owner"])).encode(),
        }

    def list_edits(self, answers: Mapping[str, object]) -> dict[str, Sequence[Edit]]:
        read = self.profile
        named = list(dict.fromkeys([*read.request.groups, *read.left_out]))
        ignored: dict[str, Sequence[Edit]] = {}
        if read.request.private:
            ignored[documents.IGNORED] = [documents.add_ignored(self._path)]
        return ignored | {
            documents.LICENCES: [
                documents.add_licence(read.name, self._path, read.request.licence)
            ],
            documents.SAFETY: [documents.add_personal_data(read.name, answers, named)],
        }

    def propose(self, report: Report) -> dict[str, str]:
        return proposals.propose(report, self.profile)

    def comment(self, report: Report) -> list[str]:
        return proposals.comment(report)

    def find_dropped(self, texts: Mapping[str, str]) -> list[str]:
        written = page.write(self.profile).splitlines()
        found = []
        for path, text in texts.items():
            if not path.endswith("/system.py"):
                continue
            names = [
                n for n in page.OPTIONS if page.find(n, written) != page.find(n, text.split("\n"))
            ]
            if names:
                found.append(
                    f"{path} is kept as it is, and differs from the options in {', '.join(names)}: "
                    "edit it there"
                )
        return found

    def ask_costs(self, ask: Ask) -> "Table":
        request = self.profile.request
        if self.profile.kind != "binary" or request.costs is not None:
            return self
        positive = f"{request.target} = {self.profile.positive or 1}"
        missed = ask(f"Cost of a false negative, a case of {positive} that is missed")
        alarm = missed and ask("Cost of a false positive")
        if not alarm:
            return self
        with_costs = replace(request, costs=Costs(missed, alarm))
        return Table(replace(self.profile, request=with_costs))

    @property
    def _path(self) -> str:
        return f"data/{self.profile.name}.csv"


def read(data: Path, options: Mapping[str, Any]) -> Table:
    """Return the table of a CSV or Parquet file."""
    if options["target"] is None:
        raise profile.refuse_without_target(data)
    names = ("target", "groups", "entity", "time", "kind", "positive", "licence", "private")
    costs = _read_costs(options["cost_false_negative"], options["cost_false_positive"])
    return Table(profile.read(Request(data, costs=costs, **{n: options[n] for n in names})))


def _read_costs(false_negative: float | None, false_positive: float | None) -> Costs | None:
    if false_negative is None and false_positive is None:
        return None
    if false_negative is None or false_positive is None:
        raise UserError(
            "one cost alone chooses no threshold",
            hint="give both --cost-false-negative and --cost-false-positive",
        )
    return Costs(false_negative, false_positive)


def card(profile: Profile, owner: str) -> str:
    """Return the data card: what the file shows, and placeholders for the rest."""
    left_out = f" {profile.unlabelled} rows have none and are left out."
    period = "from when to when is not written yet"
    if profile.period and profile.request.time:
        first, last = profile.period
        period = f"{first} to {last} in {cell(profile.request.time)}"
    return _CARD.format(
        name=profile.name,
        owner=owner,
        rows=profile.rows,
        columns=len(profile.columns) + 1,
        licence=profile.request.licence or "not written yet",
        contents="\n".join(map(_row, profile.columns)),
        target=profile.request.target,
        positive=f", 1 where it is {cell(profile.positive)}" if profile.positive else "",
        unlabelled=left_out if profile.unlabelled else "",
        placeholder=PLACEHOLDER,
        period=period,
        private=", which is not in Git" if profile.request.private else "",
    )


def _row(column: Column) -> str:
    if column.ends:
        values = f"{column.ends[0]:g} to {column.ends[1]:g}"
    else:
        many = "dates" if column.dates else "many texts"
        values = ", ".join(map(cell, column.values)) or many
    return f"| {cell(column.name)} | {values} | {column.missing} |"
