"""Every row of the requirements inventory is carried by the template, or says why not."""

import re
from collections import Counter
from pathlib import Path

from test_template import documents

from conftest import ROOT, TRACKS, Render
from mlcharter.markdown import document

HEAD = """# Coverage

What an ML repository must hold, row by row, and where the template carries it.
Generated from [requirements.tsv](requirements.tsv) by `pytest --accept`.
A test fails on a row that is carried by nothing, and on a name that no repository gets.

| Row | Tracks | Requirement | Carried by |
|---|---|---|---|
"""


def rows() -> list[list[str]]:
    lines = (ROOT / "docs/requirements.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]


def carriers(root: Path) -> dict[str, str]:
    """Everything in a repository that can carry a row → the document that holds it."""
    found = {f"file:{path.relative_to(root)}": "" for path in root.rglob("*")}
    for path in documents(root):
        name = str(path.relative_to(root))
        parsed = document.parse(path.read_text(encoding="utf-8"), name)
        found |= {f"section:{section.id}": name for section in parsed.sections if section.id}
        found |= {f"item:{item.id}": name for item in parsed.items if item.id}
        found |= {f"config:{config.kind}": name for config in parsed.configs}
    return found


def test_every_row_is_carried_or_says_why_not(render: Render, golden) -> None:
    root = render(
        tracks=list(TRACKS), tier="critical", layout="full", rag_tools=True, rl_learned_reward=True
    )
    held = carriers(root) | handbook()
    lines = []
    for row, tracks, requirement, carried in rows():
        references = carried.split("; ")
        assert carried, f"{row} is carried by nothing"
        lost = [ref for ref in references if not ref.startswith("not: ") and ref not in held]
        assert lost == [], f"{row} names what no repository gets"
        shown = ", ".join(describe(reference, held) for reference in references)
        lines.append(f"| {row} | {tracks} | {requirement} | {shown} |\n")
    golden("../../docs/coverage.md", HEAD + "".join(lines))


def handbook() -> dict[str, str]:
    """Every entry of the handbook → its page; the headings of two levels are what it explains."""
    return {
        f"handbook:{path.stem}#{slug(title)}": title
        for path in sorted((ROOT / "docs/handbook").glob("*.md"))
        for title in re.findall(r"(?m)^##? (.+)", path.read_text(encoding="utf-8"))
    }


def slug(title: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")


def test_the_handbook_names_only_what_repositories_and_the_library_have(render: Render) -> None:
    held = carriers(render(tracks=list(TRACKS), tier="critical", layout="full"))
    known = {reference.partition(":")[2] for reference in held}
    unknown = []
    for path in sorted((ROOT / "docs/handbook").glob("*.md")):
        for line in re.findall(r"(?m)^Read: (.+)", path.read_text(encoding="utf-8")):
            for name in re.findall(r"`(.+?)`", line):
                module = ROOT / "src" / (name.replace(".", "/") + ".py")
                folder = module.with_suffix("")
                if name not in known and not (module.exists() or folder.is_dir()):
                    unknown.append(f"{path.name}: {name}")

    assert unknown == []


def describe(reference: str, held: dict[str, str]) -> str:
    what, _, name = reference.partition(":")
    if what == "not":
        return f"not carried: {name.strip()}"
    if what == "handbook":
        page, _, anchor = name.partition("#")
        return f"handbook: [{held[reference]}](handbook/{page}.md#{anchor})"
    if what == "file":
        return f"`{name}`"
    return f"{what} `{name}` in `{held[reference]}`"


def test_rows_are_named_once() -> None:
    assert [row for row, n in Counter(row for row, *_ in rows()).items() if n > 1] == []
