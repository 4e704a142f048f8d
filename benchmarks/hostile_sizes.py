"""Generate repositories with one input of any size, for `growth.py` and the tests.

A case writes a repository in which one input has a given size, and returns the work on it.
"""

import datetime
import json
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from mlcharter.charter import location, settings
from mlcharter.charter.charter import Charter
from mlcharter.check import engine
from mlcharter.check.result import Result
from mlcharter.formats import junit
from mlcharter.markdown import document
from mlcharter.support import plugins
from mlcharter.support.files import Folder
from mlcharter.support.nearest import nearest
from mlcharter.template import answers, specification
from mlcharter.template.specification import Specification
from mlcharter.update import packaging_files
from mlcharter.update.merging import prose, units

TODAY = datetime.date(2026, 12, 1)
FIRST = "docs/design_doc.md"
OUTPUTS = ("text", "json", "github", "gitlab", "markdown", "sarif")
ANSWERS = """\
_commit: v0.1.0
_src_path: https://git.acme.example/charter.git
layout: full
owner: '@acme/fraud'
project_name: Fraud watch
tier: production
tracks: [applied]
"""
CODEOWNERS = "* @acme/fraud @lead\n"


class Case(NamedTuple):
    """`work` writes a repository of a size into a folder, and returns a function to measure."""

    name: str
    size: int
    work: Callable[[Path, int], Callable[[], object]]


def repeated(unit: str, size: int) -> str:
    """Return a text of `size` characters that repeats a unit."""
    return (unit * (size // len(unit) + 1))[:size]


# One document; `{}` stands where the hostile text goes.
DOCUMENT = """\
# Fraud watch: design

Owner: @acme/fraud
Reviewed: 2026-11-20

## Problem
<!-- section: problem -->
<!-- Which decision is made better? -->

Cases that analysts see too late.

- [x] `read-twice` Two people read it. Evidence: [log](../log.md) <!-- from production -->
- [ ] `kept-apart` Test data is apart. Waived until 2027-01-31 by @lead: no data yet.

| metric | bound |
|---|---|
| auc | 0.9 |

## Measures
<!-- section: measures -->

<!-- config: kpis -->
```yaml
- id: approved-share
  role: north-star
  parent: null
  unit: ratio
  direction: up
  baseline: 0.81
  source: dashboards/approvals
  owner: "@acme/fraud"
```
"""

# A place of the document by its name: what is there, and what comes in its stead.
PLACES = {
    "a heading": ("## Problem", "## {}"),
    "the title": ("# Fraud watch: design", "# {}"),
    "a setext heading": ("Cases that analysts see too late.", "x {}\n==="),
    "a paragraph": ("Cases that analysts see too late.", "x{}"),
    "a line of its own": ("Cases that analysts see too late.", "{}"),
    "an item": ("Two people read it.", "Two {}"),
    "behind a box": ("`read-twice`", "{}"),
    "an id": ("`read-twice`", "`{}`"),
    "a bullet": ("- [x] `read-twice`", "- {}"),
    "an evidence": ("[log](../log.md)", "{}"),
    "a stamp": ("(../log.md)", "(../log.md) (sha256:{})"),
    "a link's target": ("(../log.md)", "({})"),
    "a link's text": ("[log]", "[{}]"),
    "a link's anchor": ("(../log.md)", "(#{})"),
    "a waiver": ("Waived until 2027-01-31 by @lead: no data yet.", "Waived {}"),
    "a waiver's reason": ("no data yet.", "{}"),
    "a tier": ("from production", "from {}"),
    "the owner": ("Owner: @acme/fraud", "Owner: {}"),
    "the review": ("2026-11-20", "{}"),
    "a field": ("Reviewed: 2026-11-20", "Reviewed-{}: x"),
    "a row": ("| auc |", "| {} |"),
    "a table": ("| auc | 0.9 |", "{}"),
    "the delimiter of a table": ("|---|---|", "{}"),
    "a comment": ("Which decision is made better?", "{}"),
    "a marker": ("section: problem", "section: {}"),
    "a config block's kind": ("config: kpis", "config: {}"),
    "a fence": ("```yaml", "```yaml {}"),
    "a config block": ("- id: approved-share", "- id: approved-share\n{}"),
    "a key": ("role:", "{}:"),
    "a value": ("dashboards/approvals", "{}"),
    "a quoted value": ("dashboards/approvals", '"{}"'),
    "an owner in a config block": ('@acme/fraud"\n```', '{}"\n```'),
    "a reference in a config block": ("parent: null", 'parent: "{}"'),
    "an expression": (
        "<!-- config: kpis -->",
        "<!-- config: alerts -->\n```yaml\n- id: a\n  expr: >-\n    {}\n```\n\n"
        "<!-- config: kpis -->",
    ),
}
UNITS = (
    " ", "\t", "\n", " \n", "a\n", "a", "a ", "A", "1", "1.", "9-", "-", "a-", "- ", "+ \n", "_",
    "a_", "_a", " _a", "_a_ ", "*", "**a", "`", "` ", "`a", "``a` ", "[", "]", "[a", "a]", "[]", "[a](",
    "[a](b", "[a][", "[a]: b\n", "[^", "![", "![[", "(", ")", "()", "<", ">", "<a ", "<a b=", "<a b='",
    "<!--", "-->", "<!-- ", "<?", "<!A", "<![CDATA[", "</", "<a:", "a@", "@", "@a", "@a/", "a@a.", ":",
    "a:", ": ", "a: ", "::", "|", "|-", "| ", "|\n", "|a|\n", "&", "&amp;", "&#", "\\", "\\_", '"', "'",
    "{", "}", "{{ ", "{a: ", "[a, ", ", ", "#", "# a\n", "## a\n", "#\n", "> ", ">", ">\n", "- a\n",
    "- [ ] `a` b\n", "  - a\n", "1. a\n", "~", "~~~\n", "```\n", "=", "=\n", "---\n", "a\n---\n", "%",
    "%20", "%2e/", "/", "../", "./", "a/", ".", "..", "Evidence: ", "Evidence: [a](b) ", "Waived ",
    "waived until by: ", "from ", "https://", "https://a ", "(sha256:", "<!-- from a --> ", "TBD ",
    "lorem ", "Owner: a\n", "A: b\n", "<a id=b>", " id=", "é", "e\u0301", "\u00a0", "\u3000", "\x00",
    "\r", "\r\n", "a\r", "and ", "a,", "a;", "(EU) 2024/", "a{", 'a{b="', "sum(", "[5m]", "+1", "1h",
)  # fmt: skip


def charter(root: Path, files: dict[str, str], template: str = DOCUMENT) -> Charter:
    """Return the charter of these files, checked against the documents of `template`."""
    for path, content in {answers.ANSWERS: ANSWERS, "CODEOWNERS": CODEOWNERS, **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8", newline="")
    read = answers.read(Folder(root), ("applied", "platform", "rag", "rl"))
    spec = (specification.specify(document.parse(template, FIRST)),)
    found = Specification(spec, frozenset(), read.values)
    tree = Folder(root)
    return Charter(tree, read, settings.read(tree), found, TODAY)


def check(root: Path) -> Result:
    """Check a folder with every rule, and print the result in every format."""
    opened = charter(root, {})
    result = engine.check(opened, level="release")
    for name in OUTPUTS:
        plugins.load_one("mlcharter.check.outputs", name).render([result])
    opened.close()
    return result


def checked(files: Callable[[int], dict[str, str]]) -> Callable[[Path, int], Callable[[], object]]:
    """Return the work of checking a repository with these files."""

    def work(root: Path, size: int) -> Callable[[], object]:
        (root / "log.md").write_text("# Log\n")
        charter(root, {FIRST: DOCUMENT, **files(size)})
        return lambda: check(root)

    return work


def fields(size: int = 16384) -> Iterator[Case]:
    """Yield each field of a document with each hostile text."""
    for place, (old, new) in PLACES.items():
        assert old in DOCUMENT, old
        for unit in UNITS:

            def files(n: int, old: str = old, new: str = new, unit: str = unit) -> dict[str, str]:
                text = new.replace("{}", repeated(unit, n)) if n else old
                return {FIRST: DOCUMENT.replace(old, text, 1)}

            yield Case(f"{place}: {unit!r}", size, checked(files))


# How many there are of one thing


def _documents(n: int) -> dict[str, str]:
    return {f"docs/{k}.md": f"# {k}\n\nOwner: @acme/fraud\n\n- [x] `a-{k}` b\n" for k in range(n)}


def _beside(n: int) -> dict[str, str]:
    return {f"docs/{k}.md": "# Notes\n" for k in range(n)}


def _items(n: int) -> dict[str, str]:
    items = (f"- [x] `i-{k}` Done. Evidence: [log](../log.md)\n" for k in range(n))
    return {FIRST: f"{DOCUMENT}\n## More\n\n{''.join(items)}"}


def _same_items(n: int) -> dict[str, str]:
    return {FIRST: f"{DOCUMENT}\n## More\n\n" + "- [x] `a` b\n" * n}


def _lists(n: int) -> dict[str, str]:
    lists = (f"- [ ] `i-{k}` b\n\nc\n\n" for k in range(n))
    return {FIRST: f"{DOCUMENT}\n{''.join(lists)}"}


def _sections(n: int) -> dict[str, str]:
    sections = (f"## H {k}\n<!-- section: s-{k} -->\n\nText.\n\n" for k in range(n))
    return {FIRST: f"{DOCUMENT}\n{''.join(sections)}"}


def _kpi(k: int) -> str:
    return (
        f"- id: k-{k}\n  role: guardrail\n  parent: null\n  unit: ratio\n  direction: up\n"
        f'  baseline: 0.8\n  source: here\n  owner: "@acme/fraud"\n'
    )


def _configs(n: int) -> dict[str, str]:
    blocks = (f"<!-- config: kpis -->\n```yaml\n{_kpi(k)}```\n\n" for k in range(n))
    return {FIRST: f"{DOCUMENT}\n{''.join(blocks)}"}


def _entries(n: int) -> dict[str, str]:
    block = "".join(map(_kpi, range(n)))
    return {FIRST: f"{DOCUMENT}\n<!-- config: kpis -->\n```yaml\n{block}```\n"}


def _fences(n: int) -> dict[str, str]:
    pair = "<!-- config: kpis -->\n```yaml\n```\n\n```\nx\n```\n\n"
    return {FIRST: f"{DOCUMENT}\n{pair * n}"}


def _links(n: int) -> dict[str, str]:
    links = (f"[x](gone-{k}.md) [y](#problem-{k})\n" for k in range(n))
    return {FIRST: f"{DOCUMENT}\n{''.join(links)}"}


def _anchors(n: int) -> dict[str, str]:
    other = "# Other\n\n" + "".join(f"## H {k}\n" for k in range(n))
    return {
        FIRST: DOCUMENT + "".join(f"[x](other.md#h-{k})\n" for k in range(n)),
        "docs/other.md": other,
    }


def _owners(n: int) -> dict[str, str]:
    owners = " ".join(f"@nobody-{k}" for k in range(n))
    known = "".join(f"/{k} @somebody-{k}\n" for k in range(n))
    return {FIRST: DOCUMENT.replace("@acme/fraud", owners, 1), "CODEOWNERS": CODEOWNERS + known}


def _allows(n: int) -> dict[str, str]:
    entries = "".join(
        f'- {{rule: item-*, path: "docs/*a*{k}.md", until: 2027-01-31, by: "@lead", reason: x}}\n'
        for k in range(n)
    )
    return {**_same_items(n), ".mlcharter.yml": f"allow:\n{entries}" if n else "{}\n"}


def _baseline(n: int) -> dict[str, str]:
    known = [
        {
            "fingerprint": f"{k:032x}",
            "rule": "a",
            "path": "b",
            "message": "c",
            "since": "2026-11-01",
        }
        for k in range(n)
    ]
    content = {"version": 1, "owner": "@lead", "findings": known}
    return {FIRST: DOCUMENT, ".mlcharter-baseline.json": json.dumps(content, indent=1)}


COUNTS: dict[str, tuple[int, Callable[[int], dict[str, str]]]] = {
    "documents": (100, _documents),
    "files beside the documents": (200, _beside),
    "items": (500, _items),
    "findings": (100, _same_items),
    "lists": (500, _lists),
    "sections": (500, _sections),
    "config blocks of one kind": (200, _configs),
    "entries of a config block": (100, _entries),
    "fences below config blocks": (200, _fences),
    "links": (500, _links),
    "links and headings of another document": (1000, _anchors),
    "owners, and names in CODEOWNERS": (200, _owners),
    "`allow` entries and findings": (50, _allows),
    "entries of the baseline": (1000, _baseline),
}


def counts() -> Iterator[Case]:
    """Yield cases with a growing number of one thing in a repository."""
    for name, (size, files) in COUNTS.items():
        yield Case(f"number of {name}", size, checked(files))


# Work on a text alone


def _junit(root: Path, n: int) -> Callable[[], object]:
    cases = "".join(f'<testcase classname="tests.test_{k}" name="test_a"/>' for k in range(n))
    tests = [f"tests/test_{k}.py::test_a" for k in range(n)]

    def work() -> object:
        read = junit.parse(f"<testsuite>{cases}</testsuite>".encode())
        return None if isinstance(read, str) else junit.TestRun("x", read).find_outcomes(tests)

    return work


def _changed(root: Path, n: int) -> Callable[[], object]:
    (root / answers.ANSWERS).write_text(ANSWERS)
    (root / "docs").mkdir(exist_ok=True)
    paths = [root / f"docs/{k}.md" for k in range(n)]
    return lambda: location.changed(paths)


def _proposing(name: str, unit: str) -> Callable[[Path, int], Callable[[], object]]:
    def work(root: Path, n: int) -> Callable[[], object]:
        (root / name).write_text(repeated(unit, n))
        return lambda: list(packaging_files.read_dependencies(root, [name]))

    return work


def _taken_apart(unit: str) -> Callable[[Path, int], Callable[[], object]]:
    return lambda root, n: lambda: units.split_document(DOCUMENT + repeated(unit, n))


def _merged(unit: str) -> Callable[[Path, int], Callable[[], object]]:
    base, theirs = "- [ ] `a` One. <!-- from production -->\n", "- [ ] `a` Two.\n"
    return lambda root, n: (
        lambda: prose.merge_item(base, theirs, f"- [ ] `a` One.{repeated(unit, n)}\n")
    )


def _nearest(root: Path, n: int) -> Callable[[], object]:
    names = [f"{'ab' * 30}{k}" for k in range(n)]
    return lambda: nearest("ba" * 30, names)


def texts() -> Iterator[Case]:
    """Yield cases for single functions on one text, or on one list."""
    yield Case("number of test cases and tests", 1000, _junit)
    yield Case("number of files of a change", 200, _changed)
    yield Case("number of names that are nearly meant", 100, _nearest)
    for name in ("setup.py", "environment.yml", "requirements.txt", "pyproject.toml"):
        for unit in ("\n", " ", " \n", "a", "- ", "a\n", '"', "a.", "[", "-\n"):
            yield Case(f"adopting, {name}: {unit!r}", 16384, _proposing(name, unit))
    for unit in (
        " ",
        "|",
        " |",
        "- a\n",
        "- a\n\nb\n\n",
        "a: b\n\n",
        "-\n",
        "<!-- a -->\n",
        "# a\n",
    ):
        yield Case(f"taking apart: {unit!r}", 16384, _taken_apart(unit))
    for unit in (" ", "<!-- ", "<!--", "a. ", "<!-- from ", "\n"):
        yield Case(f"merging an item: {unit!r}", 8192, _merged(unit))


def cases(every: int = 1) -> Iterator[Case]:
    """Return all cases, with only one in `every` of the hostile texts."""
    yield from counts()
    yield from texts()
    yield from islice(fields(), 0, None, every)
