"""Print the figures of the documents: `.venv/bin/python -m evidence.figures`.

It prints each result of the frozen reports, and what follows from answers, spread over seeds and
the audit. Then it prints each figure with an interval in a document beside the result that it is;
one that is no result is an error. Run it in the whole repository, after `make eval`.
"""

import argparse
import csv
import json
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

from evals import rag
from mlcharter.evals import judges

HERE = Path(__file__).parent
ROOT = HERE.parent
REPORTS = ("reports/released/2026-11-rag.json", "reports/rag/minilm.json")
NUMBER = r"([+\u2212-]?\d\.\d+)"
FIGURE = re.compile(rf"{NUMBER} \[{NUMBER}, {NUMBER}\]")
FOLDERS = ("docs", "cost", "safety", "ops", "evidence")

Figure = tuple[float, ...]  # the value, and the ends of its interval


def read_results() -> Iterator[tuple[str, Figure]]:
    """Yield the name and the figure of each result that has an interval."""
    for path in REPORTS:
        for row in json.loads((ROOT / path).read_bytes())["results"]:
            name = f"{Path(path).stem} {row['metric']} {row['slice']} {row['against'] or ''}"
            if row["interval"]:
                ends = row["interval"]["lower"], row["interval"]["upper"]
                yield name.strip(), (row["value"], *ends)


def read_audit() -> tuple[str, Figure]:
    """Return how far the two people of the audit agree."""
    with (HERE / "audit/2026-11-labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    raters = ([row[name] for row in rows] for name in ("rater_a", "rater_b"))
    found = judges.kappa(*raters, "01", unit="case", seed=rag.SEED, resamples=5000)
    same = sum(row["rater_a"] == row["rater_b"] for row in rows)
    name = f"kappa of the audit, {same} of {len(rows)} alike"
    return name, (found.value, found.lower, found.upper)


def print_answers() -> None:
    """Print how many questions are answered from a confidence on, and how many of them wrongly."""
    cases = rag.answered(rag.broken(threshold=0.0))
    for threshold in (rag.THRESHOLD, 0.9):
        shown = [case for case in cases if case.answer.confidence >= threshold]
        wrong = sum(not case.right for case in shown)
        print(f"from {threshold} on: {len(shown)} of {len(cases)} answered, {wrong} wrongly")
    answers = [case for case in rag.answered() if not case.answer.abstained]
    for kind in ("near", "far"):
        print(f"answered, though {kind}: {sum(case.question.kind == kind for case in answers)}")


def print_seeds() -> None:
    """Print the standard deviation of each column over seeds."""
    with (HERE / "seed-spread-2026-11.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for name in list(rows[0])[1:]:
        spread = statistics.stdev(float(row[name]) for row in rows)
        print(f"{name} over {len(rows)} seeds: standard deviation {spread:.4f}")


def find_figures() -> Iterator[tuple[str, re.Match[str]]]:
    """Yield the place and each figure with an interval of the documents."""
    for path in sorted(p for folder in FOLDERS for p in (ROOT / folder).rglob("*.md")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for found in FIGURE.finditer(line):
                yield f"{path.relative_to(ROOT)}:{number}", found


def name_figure(found: re.Match[str], results: list[tuple[str, Figure]]) -> str | None:
    """Return the result that a figure is, to as many digits as it has; None if it is none."""
    digits = len(found[1].partition(".")[2])
    written = tuple(float(number.replace("\u2212", "-")) for number in found.groups())
    rounded = ((name, tuple(round(n, digits) for n in figure)) for name, figure in results)
    return next((name for name, figure in rounded if figure == written), None)


def main() -> None:
    parser = argparse.ArgumentParser(description="print the figures of the documents")
    parser.add_argument("--write", action="store_true", help="as without: no table is generated")
    parser.parse_args()
    results = [*read_results(), read_audit()]
    for name, (value, lower, upper) in results:
        print(f"{name}: {value:.3f} [{lower:.3f}, {upper:.3f}]")
    print_answers()
    print_seeds()
    unknown = 0
    for place, found in find_figures():
        name = name_figure(found, results)
        unknown += name is None
        print(f"{place}: {found[0]}: {name or 'NO RESULT'}")
    if unknown:
        raise SystemExit(f"{unknown} figures of documents are no results; correct them")


if __name__ == "__main__":
    main()
