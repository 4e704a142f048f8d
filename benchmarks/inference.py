"""Measure how often `adopt` proposes the right answers, on recorded listings of repositories.

tests/adoption/listings.json has facts about each repository: names of files, dependencies and
packages, the address of the remote, the title of the licence; and the answers of a person who read
its front page. The lists of packages in `update/inference.py` were tuned on most of them; the
`held_out` ones were recorded afterwards and are counted separately.

    python benchmarks/inference.py
"""

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlcharter.update import proposals

LISTINGS = Path(__file__).parents[1] / "tests/adoption/listings.json"
LEAST = 0.9


@dataclass(frozen=True)
class Miss:
    """A proposed answer that differs from the expected one."""

    repository: str
    question: str
    expected: Any
    proposed: Any


def measure(held_out: bool) -> tuple[dict[str, tuple[int, int]], list[Miss]]:
    """Return the number of right answers and of all answers by question, and the misses."""
    counts: dict[str, tuple[int, int]] = {}
    misses = []
    for listing in json.loads(LISTINGS.read_text(encoding="utf-8")):
        if listing.get("held_out", False) != held_out:
            continue
        found = proposed(listing)
        for question, expected in listing["expected"].items():
            right, of = counts.get(question, (0, 0))
            same = found.get(question) == expected
            counts[question] = right + same, of + 1
            if not same:
                misses.append(Miss(listing["repository"], question, expected, found.get(question)))
    return counts, misses


def proposed(listing: dict[str, Any]) -> dict[str, Any]:
    """Return the answers that are proposed for a listing."""
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
        root = Path(folder)
        files = rebuild(listing, root, lambda path: "")
        origin = proposals.parse_remote(listing["remote"])
        found = {p.name: p.value for p in proposals.propose(root, files, "", origin)}
    # Where there is no package to be found, the question's own default is the project's name.
    found.setdefault("package", found.get("project_name", "").lower().replace(" ", "_"))
    return found


def rebuild(listing: dict[str, Any], root: Path, content: Callable[[str], str]) -> list[str]:
    """Write the files of a listing, with text from `content`; return their paths."""
    for path in listing["files"]:
        _write(root / path, content(path))
    _write(root / listing["packaging"], _packaging(listing))
    licence = listing["licence"]
    place = next((p for p in listing["files"] if p.startswith("LICENSE")), "LICENSE")
    if licence:
        _write(root / place, f"{licence}\n")
    return sorted({*listing["files"], listing["packaging"], *([place] if licence else [])})


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _packaging(listing: dict[str, Any]) -> str:
    """Return the text of the packaging file of a listing."""
    name, required = listing["name"], listing["required"]
    if listing["packaging"].endswith("setup.py"):
        words = f"name={name!r}, install_requires={required!r}, "
        return f"setup({words}extras_require={{'more': {listing['optional']!r}}})\n"
    if listing["packaging"].endswith(".txt"):
        return "".join(f"{spec}\n" for spec in required)
    return (
        f"[project]\nname = {json.dumps(name)}\ndependencies = {json.dumps(required)}\n"
        f"[project.optional-dependencies]\nmore = {json.dumps(listing['optional'])}\n"
        f"[tool.setuptools]\npackages = {json.dumps(listing['packages'])}\n"
    )


def main() -> int:
    """Print both tables; return 1 if a question of the first is below LEAST."""
    low = False
    for held_out in (False, True):
        counts, misses = measure(held_out)
        print("held out\n" if held_out else "tuned on\n")
        print("| question | right | of | share |\n|---|---|---|---|")
        for question, (right, of) in counts.items():
            print(f"| {question} | {right} | {of} | {right / of:.0%} |")
            low = low or (not held_out and right / of < LEAST)
        for miss in misses:
            where = f"{miss.repository}: {miss.question}"
            print(f"{where}: expected {miss.expected}, proposed {miss.proposed}")
        print()
    return int(low)


if __name__ == "__main__":
    sys.exit(main())
