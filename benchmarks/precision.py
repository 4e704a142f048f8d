"""Measure how many findings of `mlcharter check` are true, and write docs/precision.md.

    python benchmarks/precision.py [--only TEXT] [--write]

Two sources of findings. The repositories of tests/adoption/listings.json are rebuilt and adopted,
once with the proposed tier and once as critical. The documents of the filled-in examples, which
have no finding, get harmless edits (see harmless_edits.py), one edit of one document at a time.
A kind of finding is a rule with a message in which names and numbers are left out; each must have a
line in judgements.tsv that says whether it is true, and why. --only takes the repositories and
examples whose name has TEXT; --write writes the page. The exit code is 1 if a kind is not judged,
a judgement is not used, or a rule that fails a level is right in less than 95 %.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from random import Random
from typing import Any

import field_repositories
import inference
import recall
import runs
from config_mutants import Mutant
from field_page import Row
from harmless_edits import EDITS
from judging import ROOT, Example

from mlcharter.check import rule

PAGE = ROOT / "docs/precision.md"
JUDGEMENTS = Path(__file__).with_name("judgements.tsv")
WANTED = 0.95
TIERS = {"adopted": (), "adopted as critical": ("--tier", "critical")}
Key = tuple[str, str, str]  # source, rule, message


@dataclass(frozen=True)
class Source(Row):
    """What was tried of one source, and its findings."""

    source: str
    tried: int
    findings: int


@dataclass(frozen=True)
class Kind(Row):
    """A kind of finding, with its judgement."""

    rule: str
    source: str
    findings: int
    judged: str
    message: str
    reason: str


@dataclass(frozen=True)
class Judgement:
    """Whether a kind of finding is true; `source` is a pattern of file names."""

    rule: str
    source: str
    message: str
    judged: str
    reason: str

    def covers(self, key: Key) -> bool:
        source, name, message = key
        same = (self.rule, self.message) == (name, message)
        return same and fnmatchcase(source, self.source)


@dataclass
class Outcome:
    """What was tried by source, and how often each kind was found."""

    tried: Counter[str]
    found: Counter[Key]

    def add(self, source: str, findings: list[tuple[str, str]]) -> None:
        """Count one repository or document, with its findings by rule and message."""
        self.tried[source] += 1
        for name, message in findings:
            self.found[source, name, shorten(message)] += 1


def shorten(message: str) -> str:
    """Return a message without names, numbers and marks of tables."""
    message = re.sub(r'`[^`]*`|"[^"]*"', "…", message)
    return re.sub(r"\d+(?:\.\d+)?", "0", message).replace("|", "/").replace("\t", " ")


def judgements() -> list[Judgement]:
    """Return the lines of judgements.tsv."""
    lines = JUDGEMENTS.read_text(encoding="utf-8").splitlines()[1:]
    return [Judgement(*line.split("\t")) for line in lines if line]


def measure(only: str = "", sample: int = 1) -> Outcome:
    """Adopt the repositories and edit the examples whose names have a text.

    Of the edits, every `sample`-th is tried.
    """
    outcome = Outcome(Counter(), Counter())
    for listing in json.loads(inference.LISTINGS.read_text(encoding="utf-8")):
        if only in listing["repository"]:
            for source, options in TIERS.items():
                outcome.add(source, list(adopted(listing, options)))
    for name in recall.names():
        if only in name:
            edited(Example(name), outcome, sample)
    return outcome


def adopted(listing: dict[str, Any], options: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the findings of a recorded repository right after `adopt`, at the level of a release."""
    with field_repositories.adopted(listing, options) as root:
        words = ("--level", "release", "--format", "json", "--no-cache")
        result = field_repositories.run("check", root, *words)
        for found in json.loads(result.stdout)["findings"]:
            yield found["rule"], found["message"]


def edited(example: Example, outcome: Outcome, sample: int) -> None:
    """Count the findings of each edit of each document of an example."""
    changes = [
        (name, document.path, text)
        for name, edit in EDITS.items()
        for document in example.whole.documents
        if (text := edit(document.text, Random(f"{name}/{document.path}"))) != document.text
    ]
    for name, path, text in changes[::sample]:
        verdict = example.judge(Mutant(name, path, path, text, -9, -9))
        outcome.add(name, [(found.rule, found.message) for found in verdict.found])


# The page


HEAD = """# Precision

How many findings of `mlcharter check --level release` are true. `make precision` writes this page; [recall](recall.md) says how many defects are found.
{run}

- **Adopted**: {repositories} public repositories, rebuilt from recorded names of files and of dependencies, each right after `mlcharter adopt`, with the proposed tier and as critical.
- **Edited**: {edits:,} edits of single documents of the filled-in [examples](../examples) that change nothing that a document says: formatters, other words, another order, another language. The examples have no finding, and are in Git, with one commit.

A finding is true if what it says is so, and the team can and should do what it asks; each kind is judged in [judgements.tsv](../benchmarks/judgements.tsv), with the reason.
A rule that is right in less than {wanted:.0%} is mended or becomes a note.
A rule is not shown to be precise by a corpus in which it has no finding: these rules are counted, not rated.

"""


def page(sources: list[Source], kinds: list[Kind]) -> str:
    """Return the whole page."""
    repositories = next((row.tried for row in sources if row.source in TIERS), 0)
    edits = sum(row.tried for row in sources if row.source not in TIERS)
    rated = list(rate(kinds))
    silent = len(rule.names()) - len(rated)
    right = sum(row.findings for row in kinds if row.judged == "true")
    count = sum(row.findings for row in kinds)
    return "".join(
        [
            HEAD.format(
                run=runs.stamp("precision"), repositories=repositories, edits=edits, wanted=WANTED
            ),
            "## By rule\n\n| rule | findings | true | precision |\n|---|---|---|---|\n",
            *(f"| `{n}` | {of} | {true} | {true / of:.1%} |\n" for n, true, of in rated),
            f"| **all** | {count} | {right} | {right / max(count, 1):.1%} |\n",
            f"\nThe other {silent} rules have no finding here.\n",
            f"\n## By source\n\n{Source.head()}",
            *(row.line() for row in sources),
            f"\n## By kind\n\n{Kind.head()}",
            *(row.line() for row in kinds),
        ]
    )


def rate(kinds: list[Kind]) -> Iterator[tuple[str, int, int]]:
    """Yield each rule with the number of its true findings, and of all."""
    for name in sorted({row.rule for row in kinds}):
        own = [row for row in kinds if row.rule == name]
        true = sum(row.findings for row in own if row.judged == "true")
        yield name, true, sum(row.findings for row in own)


def imprecise(kinds: list[Kind]) -> list[str]:
    """Return the rules that fail a level and are right in less than 95 %."""
    low = [name for name, true, of in rate(kinds) if true < WANTED * of]
    return [name for name in low if rule.describe(name).level != "note"]


def rows(outcome: Outcome, known: list[Judgement]) -> tuple[list[Source], list[Kind], list[Key]]:
    """Return both tables, and the kinds that nobody judged."""
    sources = [
        Source(name, tried, sum(n for key, n in outcome.found.items() if key[0] == name))
        for name, tried in sorted(outcome.tried.items())
    ]
    counts: Counter[Judgement] = Counter()
    unjudged = []
    for key, count in sorted(outcome.found.items()):
        judgement = next((one for one in known if one.covers(key)), None)
        if judgement is None:
            unjudged.append(key)
        else:
            counts[judgement] += count
    kinds = [
        Kind(one.rule, one.source, counts[one], one.judged, one.message, one.reason)
        for one in known
        if counts[one]
    ]
    return sources, kinds, unjudged


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="TEXT")
    parser.add_argument("--write", action="store_true")
    options: Any = parser.parse_args()
    known = judgements()
    outcome = measure(options.only)
    sources, kinds, unjudged = rows(outcome, known)
    wrong = [f"not judged: {name}\t{source}\t{message}" for source, name, message in unjudged]
    wrong += [f"right in less than {WANTED:.0%}: {name}" for name in imprecise(kinds)]
    if not options.only:
        unused = [one for one in known if not any(one.covers(key) for key in outcome.found)]
        wrong += [f"nothing is found for this judgement: {one}" for one in unused]
    text = page(sources, kinds)
    print(*wrong, sep="\n", file=sys.stderr)
    if options.write and not wrong:
        PAGE.write_text(text, encoding="utf-8")
    elif not options.write:
        print(text)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
