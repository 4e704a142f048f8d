"""Every row of the requirements inventory is carried by the template, or says why not."""

import re
from collections import Counter
from pathlib import Path

import pytest
from test_template import documents

from conftest import ROOT, TRACKS, Render
from mlcharter.markdown import document

HEAD = """# Coverage

What an ML repository must hold, row by row, and where the template carries it.
Generated from [requirements.tsv](requirements.tsv) by `pytest --accept`.
A test fails on a row that is carried by nothing, and on a name that no repository gets.

- *carried*: what is named says each part of the row
- *partly*: some of it is not said, or asked for and not shipped, as the row says
- *handbook*: only people can know it, and a page explains it

"""
TABLE = """
| Row | Tracks | State | Requirement | Carried by |
|---|---|---|---|---|
"""


SAID = {"not": "not carried", "partly": "partly"}
STATES = ("carried", "partly", "handbook", "not carried")


def rows() -> list[list[str]]:
    lines = (ROOT / "docs/requirements.tsv").read_text(encoding="utf-8").splitlines()
    return [[*line.split("\t"), ""][:5] for line in lines[1:]]


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


@pytest.fixture(scope="module")
def held(render: Render) -> dict[str, str]:
    """What some repository gets → the document that holds it."""
    root = render(
        tracks=list(TRACKS), tier="critical", layout="full", rag_tools=True, rl_learned_reward=True
    )
    own_model = render(tracks=["rag"], tier="critical", layout="full", rag_hosting="self")
    return carriers(own_model) | carriers(root) | handbook()


def test_every_row_is_carried_or_says_why_not(held: dict[str, str], golden) -> None:
    lines = []
    states: Counter[str] = Counter()
    for row, tracks, requirement, carried, _ in rows():
        references = carried.split("; ")
        assert carried, f"{row} is carried by nothing"
        lost = [ref for ref in references if ref.split(":")[0] not in SAID and ref not in held]
        assert lost == [], f"{row} names what no repository gets"
        states[state(references)] += 1
        shown = ", ".join(describe(reference, held) for reference in references)
        lines.append(f"| {row} | {tracks} | {state(references)} | {requirement} | {shown} |\n")
    counted = ", ".join(f"{states[name]} {name}" for name in STATES if states[name])
    golden(
        "../../docs/coverage.md",
        f"{HEAD}Of {len(lines)} rows: {counted}.\n{TABLE}" + "".join(lines),
    )


def state(references: list[str]) -> str:
    kinds = {reference.split(":")[0] for reference in references}
    if "not" in kinds:
        return "not carried"
    if "partly" in kinds:
        return "partly"
    return "handbook" if kinds == {"handbook"} else "carried"


def test_what_only_items_carry_is_said_in_their_sentences(render: Render) -> None:
    root = render(
        tracks=list(TRACKS), tier="critical", layout="full", rag_tools=True, rl_learned_reward=True
    )
    read = [document.parse(path.read_text(encoding="utf-8")) for path in documents(root)]
    sentences = {f"item:{item.id}": item.sentence for page in read for item in page.items}
    for row, _, _, carried, says in rows():
        references = [ref for ref in carried.split("; ") if ref.split(":")[0] not in SAID]
        if all(ref in sentences for ref in references):
            text = " ".join(sentences[ref] for ref in references)
            assert says, f"{row} is carried by items alone, and does not list their words"
            lost = [words for words in says.split("; ") if words not in text]
            assert lost == [], f"{row}: no item that carries it says this"


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
    if what in SAID:
        return f"{SAID[what]}: {name.strip()}"
    if what == "handbook":
        page, _, anchor = name.partition("#")
        return f"handbook: [{held[reference]}](handbook/{page}.md#{anchor})"
    if what == "file":
        return f"`{name}`"
    return f"{what} `{name}` in `{held[reference]}`"


def test_rows_are_named_once() -> None:
    assert [row for row, n in Counter(row for row, *_ in rows()).items() if n > 1] == []
