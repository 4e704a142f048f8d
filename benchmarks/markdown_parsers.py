"""Compare our Markdown scanner with other parsers: speed, safety and fidelity.

    python benchmarks/markdown_parsers.py [--rounds N] [--texts N] [--write]

Needs pyromark, the fastest parser on PyPI with source positions; `make bench` installs it.
CPU seconds are of this process, the best of --rounds; the parsers take turns within a round.
pyromark is measured without any use of its events, which is the least that it costs, and with the
least use: the lines of the outermost blocks, without items, links, fences, fields and anchors.
--write writes the result to docs/markdown.md.
"""

import argparse
import gc
import random
import re
import subprocess
import sys
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path

import cmarkgfm
import pyromark
import runs
from cmarkgfm.cmark import Options
from growth import LONGEST, _TooLongError, limited
from markdown_it import MarkdownIt

from mlcharter.markdown import document

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/markdown.md"
MEBIBYTE = 1024 * 1024
_USE = pyromark.Options
_LIBRARY = pyromark.Markdown(options=_USE.ENABLE_TABLES | _USE.ENABLE_FOOTNOTES)
_MARKDOWN_IT = MarkdownIt("commonmark").enable("table")

# What each parser does with a text


def blocks(text: str) -> None:
    document.parse(text).blocks  # noqa: B018


def everything(text: str) -> None:
    read = document.parse(text)
    for part in (read.blocks, read.sections, read.items, read.links, read.html_links):
        len(part)
    for part in (read.anchors, read.configs, read.fields):
        len(part)


def events(text: str) -> None:
    for _ in _LIBRARY.events_with_range(text):
        pass


def outermost(text: str) -> list[tuple[str, int, int]]:
    """Return the kinds of the outermost blocks, with their first lines and the lines after them."""
    data = text.encode()
    starts = list(accumulate(map(len, data.splitlines(keepends=True)), initial=0))
    found = []
    depth = 0
    for event, place in _LIBRARY.events_with_range(text):
        if event == "Rule":
            continue
        if "Start" in event:
            if depth == 0:
                (kind,) = [tag] if isinstance(tag := event["Start"], str) else tag
                first = bisect_right(starts, place["start"]) - 1
                found.append((kind, first, bisect_right(starts, place["end"] - 1)))
            depth += 1
        elif "End" in event:
            depth -= 1
    return found


def tokens(text: str) -> None:
    _MARKDOWN_IT.parse(text)


def html(text: str) -> None:
    cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_SOURCEPOS)


PARSERS: dict[str, Callable[[str], None]] = {
    "ours, blocks alone": blocks,
    "ours, all that a document has": everything,
    "pyromark, events with places, unused": events,
    "pyromark, lines of the outermost blocks": outermost,
    "cmarkgfm, HTML with places of blocks": html,
    "markdown-it-py, tokens with lines": tokens,
}


def documents() -> list[str]:
    paths = sorted((ROOT / "examples").rglob("*.md"))
    return [path.read_text(encoding="utf-8") for path in paths]


def seconds(parse: Callable[[str], None], texts: Iterable[str]) -> float:
    """Return the CPU seconds to parse some texts; infinite if that takes too long."""
    gc.collect()
    begun = time.process_time()
    try:
        with limited(LONGEST):
            for text in texts:
                parse(text)
    except _TooLongError:
        return float("inf")
    return time.process_time() - begun


def speed(rounds: int) -> list[str]:
    """Return a table: each parser on all documents of the examples, and on one of 1 MiB."""
    texts = documents()
    large = ["\n".join(texts * 3)[:MEBIBYTE]]
    best = {(name, n): float("inf") for name in PARSERS for n in range(2)}
    for _ in range(rounds):
        for name, parse in PARSERS.items():
            for n, given in enumerate((texts, large)):
                best[name, n] = min(best[name, n], seconds(parse, given))
    size = sum(len(text.encode()) for text in texts) // 1024
    return [
        f"| parser | {len(texts)} documents, {size} KiB | one document, 1 MiB |",
        "|---|---:|---:|",
        *(f"| {name} | {best[name, 0] * 1e3:.0f} ms | {best[name, 1] * 1e3:.0f} ms |"
          for name in PARSERS),
    ]  # fmt: skip


# Texts that take long where a parser takes the square of their size


def _then(line: str) -> Callable[[int], str]:
    """Half of the text is one line, the other half many lines that continue it."""
    return lambda size: (
        (line * (size // 2 // len(line) + 1))[: size // 2] + "a\n" + "b\n" * (size // 4)
    )


def _repeated(unit: str) -> Callable[[int], str]:
    return lambda size: (unit * (size // len(unit) + 1))[:size]


HOSTILE: dict[str, Callable[[int], str]] = {
    "quotes in quotes, then lines": _then("> "),
    "lists in lists, then lines": _then("- "),
    "lists in lists, then blank lines": lambda size: "- " * (size // 4) + "a" + "\n" * (size // 2),
    "lists in a footnote, then lines": lambda size: "[^a]: " + _then("- ")(size),
    "stairs of lists": lambda size: "".join(f"{'  ' * n}- a\n" for n in range(int(size**0.5))),
    "brackets": _repeated("["),
    "links without an end": _repeated("[a](<b"),
    "ticks": _repeated("`a``b```c"),
    "emphasis": _repeated("*a **b _c "),
    "comments": _repeated("x <!-- "),
    "attributes": _repeated("<a b='"),
    "definitions": _repeated("[a]: b 'c\n"),
    "rows of a table": lambda size: "|a" * (size // 8) + "\n" + "|-" * (size // 8) + "\n" + "|\n" * (size // 4),
}  # fmt: skip


def safety(size: int) -> list[str]:
    """Return a table: hostile texts at a size, and how much longer twice the size takes."""
    rows = [
        f"| text | ours, {size // 512} KiB | ratio | pyromark, {size // 512} KiB | ratio |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, text in HOSTILE.items():
        row = f"| {name} "
        for parse in (everything, events):
            once, twice = (
                min(seconds(parse, [text(n)]) for _ in range(2)) for n in (size, 2 * size)
            )
            ratio = f"{twice / once:.1f}" if twice > 0.02 else ""
            row += f"| {twice:.2f} s | {ratio} "
        rows.append(f"{row}|")
    return rows


# Which headings a parser sees

_PREFIXES = ("", "", "", "", " ", "   ", "    ", "\t", "> ", ">", "- ", "-   ", "* ", "1. ")
_LINES = (
    *("", "", "text", "# h", "## h ##", "#x", "===", "---", "```", "```yaml", "~~~", "``` \t"),
    *("- a", "-", "1.", "3. c", "- [ ] x", "<!-- c", "-->", "<!-- x -->", "<div>", "</div>", "<b>"),
    *("<script>", "</script>", "<pre>", "<?x", "?>", "| a | b |", "|---|---|", "[a]: b", "code`"),
)


def _text(rng: random.Random) -> str:
    lines = (
        "".join(rng.choices(_PREFIXES, k=rng.randint(0, 2))) + rng.choice(_LINES)
        for _ in range(rng.randint(1, 8))
    )
    return "# t\n" + "\n".join(lines) + "\n"


def _ours(text: str) -> list[int]:
    return sorted(found[0] for found in document.parse(text).structure.headings)


def _pyromark(text: str) -> list[int]:
    starts = list(accumulate(map(len, text.split("\n")), lambda at, size: at + size + 1, initial=0))
    return [
        bisect_right(starts, place["start"]) - 1
        for event, place in _LIBRARY.events_with_range(text)
        if isinstance(event, dict) and "Heading" in event.get("Start", ())
    ]


def _github(text: str) -> list[int]:
    shown = cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_SOURCEPOS)
    return sorted(int(line) - 1 for line in re.findall(r'<h[1-6] data-sourcepos="(\d+)', shown))


def fidelity(count: int) -> str:
    """Return on how many random texts a parser finds other headings than GitHub's."""
    rng = random.Random(14)
    texts = [_text(rng) for _ in range(count)]
    ours, theirs = (
        sum(headings(text) != _github(text) for text in texts) for headings in (_ours, _pyromark)
    )
    return f"Of {count} random texts, {ours} have other headings for us than for GitHub's parser (cmarkgfm), {theirs} for pyromark."


def import_time(module: str) -> float:
    """Return the CPU milliseconds of an import in a new process, the best of nine."""
    code = f"import time, enum, re, mlcharter.markdown, msgspec, typing; t = time.process_time(); import {module}; print(time.process_time() - t)"
    runs = (subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            for _ in range(9))  # fmt: skip
    return min(float(run.stdout) for run in runs) * 1e3


def size() -> int:
    folder = ROOT / "src/mlcharter/markdown"
    return sum(
        len((folder / name).read_text(encoding="utf-8").splitlines())
        for name in ("scanner.py", "inline.py")
    )


_PAGE = """\
# Reading Markdown

`make bench PARTS=markdown` writes this page.
{run}

`src/mlcharter/markdown/scanner.py` and `inline.py` read Markdown, in {lines} lines; this page shows what a library would change.
pyromark {version} (pulldown-cmark) is the fastest parser we know on PyPI that gives the place of everything it finds, so it is the one to compare with.

We keep ours.
The lines of the outermost blocks, the least that we need of pyromark, already take as long as our blocks.
Its time for deep lists and quotes grows with the square of their size, and a check reads documents of strangers.
It would save code, and sees as much of a document as ours does.

## Speed

{speed}

Code that makes items, links, fences, fields and anchors of pyromark's events comes on top of its rows.
Importing pyromark takes {theirs:.1f} ms of CPU, importing `scanner.py` and `inline.py` {ours:.1f} ms.

## Safety

Ours reads everything that a document has; pyromark's events are not used.
The ratio compares with half the size: 2 is linear, 4 is quadratic; it is left out where both are too fast to tell.

{safety}

pyromark's time grows with the depth of lists and quotes, times the lines below; it has no limit of depth, and ours has one.
Code that uses it on a stranger's text must find such lines first, by the library's own rules of what opens a list, a quote or a footnote.

## Fidelity

{fidelity}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    page = _PAGE.format(
        run=runs.stamp("markdown"),
        lines=size(),
        version=version("pyromark"),
        speed="\n".join(speed(options.rounds)),
        theirs=import_time("pyromark"),
        ours=import_time("mlcharter.markdown.scanner"),
        safety="\n".join(safety(64 * 1024)),
        fidelity=fidelity(options.texts),
    )
    if options.write:
        PAGE.write_text(page, encoding="utf-8")
    sys.stdout.write(page)


if __name__ == "__main__":
    main()
