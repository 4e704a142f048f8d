"""Run formatters on filled-in documents, after which an update must merge as before.

A team's formatter rewrites whole documents. `make bench PARTS=merge` runs real formatters; `recorded`
imitates them in a few lines, for the tests.
"""

import re
import subprocess
import tempfile
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from merge_cases import Docs

Formatter = Callable[[Docs], Docs]
CONFIG = re.compile(r"(?ms)(^<!-- config: \S+ -->\n+```yaml\n)(.*?)(^```$)")


# Real ones


def program(*words: str, okay: Sequence[int] = (0,)) -> Formatter:
    """A program that formats every file of the folder in which it runs."""

    def run(docs: Docs) -> Docs:
        with tempfile.TemporaryDirectory() as folder:
            for path, text in docs.items():
                Path(folder, path).parent.mkdir(parents=True, exist_ok=True)
                Path(folder, path).write_text(text)
            done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
            if done.returncode not in okay:
                raise SystemExit(f"{words[0]}: {done.stderr or done.stdout}")
            return {path: Path(folder, path).read_text() for path in docs}

    return run


def configs(formatter: Formatter) -> Formatter:
    """Format the config blocks of documents, each as a YAML file."""

    def run(docs: Docs) -> Docs:
        blocks = {
            f"{number}/{at}.yaml": found[2]
            for number, text in enumerate(docs.values())
            for at, found in enumerate(CONFIG.finditer(text))
        }
        done = formatter(blocks)
        out = {}
        for number, (path, text) in enumerate(docs.items()):
            at = iter(range(len(text)))
            out[path] = CONFIG.sub(
                lambda found, n=number, at=at: (  # type: ignore[misc]
                    f"{found[1]}{done[f'{n}/{next(at)}.yaml'].rstrip()}\n{found[3]}"
                ),
                text,
            )
        return out

    return run


def ruamel(docs: Docs) -> Docs:
    """Format with a round trip through ruamel.yaml, with lists indented as yamlfmt does."""
    from io import StringIO

    from ruamel.yaml import YAML

    yaml: Any = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.preserve_quotes = True
    out = {}
    for path, text in docs.items():
        stream = StringIO()
        yaml.dump(yaml.load(text), stream)
        out[path] = stream.getvalue()
    return out


def real(peers: Path) -> dict[str, Formatter]:
    """Return the formatters that are installed in a folder, by name and version."""

    def version(*words: str) -> str:
        if not Path(words[0]).is_file():
            return ""  # who runs it is told so
        told = subprocess.run(words, capture_output=True, text=True, check=False).stdout
        return (re.search(r"\d+(?:\.\d+)+", told) or [""])[0]

    bin_, node = (peers / "bin").resolve(), (peers / "node_modules/.bin").resolve()
    mdformat, prettier = str(bin_ / "mdformat"), str(node / "prettier")
    lint, fix = str(node / "markdownlint-cli2"), str(bin_ / "yamlfix")
    return {
        f"mdformat {version(mdformat, '--version')}": program(mdformat, "."),
        f"mdformat --wrap 80 --number {version(mdformat, '--version')}": program(
            mdformat, "--wrap", "80", "--number", "."
        ),
        f"prettier {version(prettier, '--version')}": program(
            prettier, "--log-level", "error", "--write", "."
        ),
        f"prettier --prose-wrap always {version(prettier, '--version')}": program(
            prettier, "--log-level", "error", "--prose-wrap", "always", "--write", "."
        ),
        f"markdownlint-cli2 --fix {version(lint, '--help')}": program(
            lint, "--fix", "**/*.md", okay=(0, 1)
        ),
        f"yamlfix on config blocks {version(fix, '--version')}": configs(program(fix, ".")),
        "ruamel.yaml's round trip on config blocks": configs(ruamel),
    }


# What was recorded of them


def blank_below_headings(text: str) -> str:
    """A blank line between a heading and what follows: mdformat, prettier."""
    return re.sub(r"(?m)^(#+ .*\n)(?=<!--)", r"\1\n", text)


def aligned_tables(text: str) -> str:
    """Columns as wide as their widest cell: mdformat, prettier."""

    def aligned(found: re.Match[str]) -> str:
        rows = [row.strip("|").split("|") for row in found[0].splitlines()]
        cells = [[cell.strip() for cell in row] for row in rows]
        sizes = [
            max(3, *(_width(row[at]) for n, row in enumerate(cells) if n != 1 and at < len(row)))
            for at in range(len(cells[0]))
        ]
        cells[1] = ["-" * size for size in sizes]
        return "".join(
            "| "
            + " | ".join(
                cell + " " * (size - _width(cell)) for cell, size in zip(row, sizes, strict=False)
            )
            + " |\n"
            for row in cells
        )

    return re.sub(r"(?m)^\|.*\|\n\|[-|]+\|\n(?:\|.*\|\n)*", aligned, text)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def colons(text: str) -> str:
    """Tables whose first column a person has aligned."""
    return re.sub(r"(?m)^\|-+(\|[-|]+\|)$", r"|:--\1", text)


def wide_bullets(text: str) -> str:
    """`-   item`, as with a tab width of four: prettier."""
    return _outside(CODE, text, lambda part: re.sub(r"(?m)^[-*] (?=\S)", "-   ", part))


def wrapped_items(text: str) -> str:
    """Items wrapped at 60 columns, indented below their text: mdformat, prettier."""

    def wrapped(found: re.Match[str]) -> str:
        lines = [""]
        for word in found[0].split(" "):
            if len(lines[-1]) + len(word) > 60 and not word.startswith("`"):
                lines.append(" ")
            lines[-1] += f" {word}" if lines[-1] else word
        return "\n".join(lines)

    return _outside(CODE, text, lambda part: re.sub(r"(?m)^- \[.\] [^<\n]*", wrapped, part))


def escaped(text: str) -> str:
    """Underscores and stars in words are escaped: mdformat, prettier."""
    return _outside(
        NO_PROSE, text, lambda part: re.sub(r"(?<=[a-z])([_@+*])(?=[a-z])", r"\\\1", part)
    )


def spaced_braces(text: str) -> str:
    """`{ a: 1 }`: prettier."""
    return CONFIG.sub(
        lambda found: re.sub(r"(?m)^([^#\n{]*)\{(.*)\}$", r"\1{ \2 }", found[0]), text
    )


def opened_braces(text: str) -> str:
    """`{a: 1}` over several lines where it is long: prettier."""

    def opened(found: re.Match[str]) -> str:
        return re.sub(
            r"(?m)^- \{(.{60,})\}$",
            lambda row: "- {\n    " + re.sub(r", (?=\w+: )", ",\n    ", row[1]) + ",\n  }",
            found[0],
        )

    return CONFIG.sub(opened, text)


def indented_lists(text: str) -> str:
    """Lists of YAML are indented and begin with `---`: yamlfix, yamlfmt."""
    return CONFIG.sub(
        lambda found: (
            f"{found[1]}---\n{re.sub('(?m)^(?=.)', '  ', found[2])}{found[3]}"
            if found[2].startswith("-")
            else found[0]
        ),
        text,
    )


CODE = r"(?s)(```.*?```)"
NO_PROSE = r"(?s)(```.*?```|`[^`\n]*`|<!--.*?-->|\]\([^)\n]*\))"


def _outside(parts: str, text: str, change: Callable[[str], str]) -> str:
    """Return `text` changed outside the matches of a pattern."""
    pieces = re.split(parts, text)
    return "".join(piece if at % 2 else change(piece) for at, piece in enumerate(pieces))


RECORDED: dict[str, tuple[Callable[[str], str], ...]] = {
    "prettier": (
        blank_below_headings,
        aligned_tables,
        wide_bullets,
        spaced_braces,
        opened_braces,
    ),
    "mdformat": (blank_below_headings, aligned_tables, wrapped_items, escaped),
    "yamlfmt, and a person who aligns": (indented_lists, colons),
}


def recorded(name: str) -> Formatter:
    """Return documents with the imitated changes of one formatter."""

    def run(docs: Docs) -> Docs:
        for change in RECORDED[name]:
            docs = {path: change(text) for path, text in docs.items()}
        return docs

    return run


def formatted(cases: Sequence[Any], formatter: Formatter) -> list[Any]:
    """Return the cases with the team's documents formatted; each text is formatted once."""
    texts = {
        text: f"{at}.md"
        for at, text in enumerate(
            {text: None for case in cases for text in case.ours.docs.values()}
        )
    }
    done = formatter({name: text for text, name in texts.items()})
    return [
        replace(
            case,
            ours=replace(
                case.ours,
                docs={path: done[texts[text]] for path, text in case.ours.docs.items()},
            ),
        )
        for case in cases
    ]
