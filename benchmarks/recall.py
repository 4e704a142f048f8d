"""Measure how many defects `mlcharter check` finds in filled-in repositories, and at which line.

    python benchmarks/recall.py [--sample N] [--jobs N] [--explain] [--peers BIN [--write]]

Two kinds of defect. Seeded: the flagged examples of every rule. By mutation: every document,
section, item, config block, key, entry, value, link, day and owner of the examples, one mutant at a
time, checked at the level of a release. A mutant is caught if anything fails; the examples
themselves must have no findings. Survivors must have a reason in survivors.tsv.
`--peers` is the folder with the programs of mdsmith and repo-standards-kit, for the comparison;
with it, --write writes the result to docs/recall.md.
"""

import argparse
import functools
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import recall_peers
import runs
from judging import ROOT, Example, Verdict

from mlcharter.check import engine, rule

sys.path.insert(0, str(ROOT / "tests"))
import examples

PAGE = ROOT / "docs/recall.md"
REASONS = Path(__file__).with_name("survivors.tsv")
WANTED = 0.98
FORM = "form"
MEANING = "meaning"
# Operators that a model alone cannot see: what they leave is well-formed.
_MEANING = (
    "config: a digest changed",
    "config: a direction turned",
    "config: a file that is not there",
    "config: a gate that no longer blocks",
    "config: a limit changed after the run",
    "config: a name changed that others use",
    "config: a reference to nothing",
    "config: a text that waits to be written",
    "config: an end that has passed",
    "config: an entry deleted",
    "config: an unknown owner",
)


@dataclass
class Score:
    """The results of the mutants of one operator."""

    mutants: int = 0
    caught: int = 0
    at_the_line: int = 0
    at_its_name: int = 0

    def add(self, verdict: Verdict) -> None:
        """Count one mutant."""
        self.mutants += 1
        self.caught += verdict.caught
        self.at_the_line += verdict.at_the_line
        self.at_its_name += verdict.at_its_name and not verdict.at_the_line

    def plus(self, other: "Score") -> "Score":
        """Both together."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Score(*(a + b for a, b in pairs))

    @property
    def share(self) -> float:
        return self.caught / self.mutants if self.mutants else 1.0

    def row(self, name: str) -> str:
        """Return a line of the table."""
        cells = (self.mutants, self.caught, f"{self.share:.1%}", self.at_the_line, self.at_its_name)
        return f"| {name} | {' | '.join(map(str, cells))} |"


@dataclass
class Outcome:
    """The result of a run."""

    scores: dict[str, Score] = field(default_factory=dict)
    survivors: list[Verdict] = field(default_factory=list)
    elsewhere: list[Verdict] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """Count one mutant, and keep it if it survived or was found somewhere else."""
        self.scores.setdefault(verdict.mutant.operator, Score()).add(verdict)
        if not verdict.caught:
            self.survivors.append(verdict)
        elif not verdict.at_the_line and not verdict.at_its_name:
            self.elsewhere.append(verdict)

    def plus(self, other: "Outcome") -> "Outcome":
        """Both together."""
        names = {**self.scores, **other.scores}
        empty = Score()
        scores = {n: self.scores.get(n, empty).plus(other.scores.get(n, empty)) for n in names}
        survivors = [*self.survivors, *other.survivors]
        return Outcome(scores, survivors, [*self.elsewhere, *other.elsewhere])

    def total(self, what: str = "") -> Score:
        """Return the sum of all operators, or of those of form or of meaning."""
        found = Score()
        for operator, score in self.scores.items():
            if not what or (operator in _MEANING) == (what == MEANING):
                found = found.plus(score)
        return found


@dataclass(frozen=True)
class Reason:
    """Why some mutants may survive; the patterns are those of file names."""

    operator: str
    path: str
    what: str
    reason: str

    def covers(self, verdict: Verdict) -> bool:
        """Return whether the reason is for this survivor."""
        m = verdict.mutant
        pairs = ((m.operator, self.operator), (m.path, self.path), (m.what, self.what))
        return all(fnmatchcase(given, pattern) for given, pattern in pairs)


def reasons() -> list[Reason]:
    """Return the reasons in survivors.tsv, a line each: operator, path, what, reason."""
    lines = REASONS.read_text(encoding="utf-8").splitlines()[1:]
    return [Reason(*line.split("\t")) for line in lines if line]


def names() -> list[str]:
    """Return the names of the filled-in examples."""
    found = (ROOT / "examples").glob("*/docs/design_doc.md")
    return sorted(path.parents[1].name for path in found)


def run(example: Example, sample: int = 1, part: int = 0, parts: int = 1) -> Outcome:
    """Check every mutant of an example, or every `sample`-th of each operator.

    Of these, one in `parts` is checked, so that processes can share them.
    """
    outcome = Outcome()
    seen: dict[str, int] = {}
    taken = 0
    for mutant in example.mutants():
        number = seen[mutant.operator] = seen.get(mutant.operator, -1) + 1
        if number % sample == 0:
            if taken % parts == part:
                outcome.add(example.judge(mutant))
            taken += 1
    return outcome


def shared(name: str, sample: int, parts: int) -> Outcome:
    """Run the same in several processes, each with its own copy of the example."""
    with ProcessPoolExecutor(parts) as pool:
        done = [pool.submit(_part, name, sample, part, parts) for part in range(parts)]
        return functools.reduce(Outcome.plus, (future.result() for future in done))


def _part(name: str, sample: int, part: int, parts: int) -> Outcome:
    return run(Example(name), sample, part, parts)


def unexplained(outcome: Outcome, known: list[Reason]) -> list[Verdict]:
    """Return the survivors without a reason."""
    return [v for v in outcome.survivors if not any(r.covers(v) for r in known)]


def seeded() -> Iterator[tuple[rule.Rule, int, int]]:
    """Return the number of flagged examples of each rule, and how many of them it finds."""
    for name in rule.names():
        described = rule.describe(name)
        flagged = [example for example in described.examples if example.kind == "Flagged"]
        caught = 0
        for example in flagged:
            with tempfile.TemporaryDirectory() as folder:
                text, given = example.text, examples.template(described)
                charter = examples.charter(Path(folder), text, given)
                found = engine.findings(charter, engine.load([name]))
                caught += any(finding.rule == name for finding in found)
        yield described, len(flagged), caught


# The page


HEAD = """# Recall

How many defects `mlcharter check --level release` finds in the filled-in [examples](../examples), and whether it names the line.
`make recall` writes this page; a test fails when the share falls below {wanted:.0%}.
{run}

- **Mutants**: each has one defect, made by the operator in its row, in one document of one example. Every place that an operator fits is taken, none is left out.
- **Caught**: something fails that does not fail in the example, which is without a finding itself.
- **At the line**: a finding stands in the mutated lines or in the line before or after them; for what is gone, in what held it (its entry, its section), or where its section stood.
- **Where it is used**: no finding stands there, but one names what was taken away at the place that still uses it.

Rows marked *meaning* leave a text that every parser and model accepts: only rules that compare config blocks, files and documents can find it.
What is not counted as a defect: sentences, headings and texts in other words; a number that is another decision, where no release was judged by it; an optional value left out; an entry or a name that nothing else in the config blocks names, unless it is the only one of its list; days in sentences; addresses, since nothing is fetched; ticks and waivers of items that the tier does not require; who signs a waiver, as long as one can call them; documents that the template does not demand.
"""


Seeds = list[tuple[rule.Rule, int, int]]


def page(outcome: Outcome, known: list[Reason], seeds: Seeds, peers: Iterable[str] = ()) -> str:
    """Return the whole page; `peers` are the lines of their table."""
    head = HEAD.format(wanted=WANTED, run=runs.stamp("recall"))
    parts = [head, *_mutation(outcome), *_survivors(outcome, known), *peers, *_seeds(seeds)]
    return "\n".join(parts) + "\n"


def reseeded(text: str, seeds: Seeds) -> str:
    """Return the page with its last table, that of the rules, regenerated."""
    before = text.partition("## Seeded, rule by rule\n")[0]
    return before + "\n".join(_seeds(seeds)) + "\n"


def _mutation(outcome: Outcome) -> Iterator[str]:
    yield "## By mutation\n"
    yield f"Examples: {', '.join(f'`examples/{name}`' for name in names())}.\n"
    yield "| defect | mutants | caught | share | at the line | where it is used |"
    yield "|---|---|---|---|---|---|"
    for operator, score in sorted(outcome.scores.items()):
        yield score.row(f"{operator} (*meaning*)" if operator in _MEANING else operator)
    yield outcome.total(FORM).row("**all of form**")
    yield outcome.total(MEANING).row("**all of meaning**")
    yield outcome.total().row("**all**") + "\n"


def _survivors(outcome: Outcome, known: list[Reason]) -> Iterator[str]:
    yield "## What survives, and why\n"
    yield "| survivors | defect | where | reason |"
    yield "|---|---|---|---|"
    for reason in known:
        count = sum(reason.covers(verdict) for verdict in outcome.survivors)
        if count:
            where = f"`{reason.path}` `{reason.what}`"
            yield f"| {count} | {reason.operator} | {where} | {reason.reason} |"
    yield ""


def _seeds(seeds: Iterable[tuple[rule.Rule, int, int]]) -> Iterator[str]:
    yield "## Seeded, rule by rule\n"
    yield "The flagged examples in the documentation of each rule, and how many of them the rule itself finds.\n"
    yield "| rule | flagged examples | found | it finds |"
    yield "|---|---|---|---|"
    for described, flagged, caught in seeds:
        yield f"| `{described.name}` | {flagged} | {caught} | {described.title} |"


def main() -> int:
    """Run, print, and fail if too much survives or a survivor has no reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=1, help="only every n-th mutant of each kind")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--explain", action="store_true", help="list findings at other places")
    parser.add_argument("--peers", type=Path, help="where the programs of the peers are")
    parser.add_argument("--write", action="store_true", help="keep the result in docs/recall.md")
    given = parser.parse_args()
    if given.write and (given.sample > 1 or not given.peers):
        parser.error("--write needs --peers and every mutant")
    outcome, known, seeds = Outcome(), reasons(), list(seeded())
    wrong = []
    for name in names():
        example = Example(name)
        wrong += [f"examples/{name} itself: {finding}" for finding in example.clean]
        outcome = outcome.plus(shared(name, given.sample, given.jobs))
    peers: Iterable[str] = ()
    if given.peers:
        programs = given.peers.absolute()  # they are run in other folders
        peers = recall_peers.page(recall_peers.table(Example("applied"), programs), programs)
    text = page(outcome, known, seeds, peers)
    print(text)
    wrong += [f"survives without a reason: {_line(v)}" for v in unexplained(outcome, known)]
    wrong += _unused(outcome, known) if given.sample == 1 else []
    wrong += [f"{r.name} finds {n} of {m} examples" for r, m, n in seeds if n < m]
    if outcome.total().share < WANTED:
        wrong.append(f"less than {WANTED:.0%} are caught")
    if given.explain:
        for verdict in outcome.elsewhere:
            first = verdict.found[0]
            print(f"{_line(verdict)}: found at {first.path}:{first.line}: {first.message}")
    print(*wrong, sep="\n", file=sys.stderr)
    if given.write and not wrong:
        PAGE.write_text(text, encoding="utf-8")
    return 1 if wrong else 0


def _unused(outcome: Outcome, known: list[Reason]) -> list[str]:
    """Return the reasons without survivors."""
    left = [r for r in known if not any(r.covers(verdict) for verdict in outcome.survivors)]
    return [f"nothing survives for this reason: {r.operator} {r.path} {r.what}" for r in left]


def _line(verdict: Verdict) -> str:
    m = verdict.mutant
    return f"{m.operator}\t{m.path}\t{m.what}\t(line {m.first})"


if __name__ == "__main__":
    raise SystemExit(main())
