"""Define the cases of the merge experiment: ways of filling documents, and template changes.

Every line of the team carries a tag, and the section of each tag is recorded, so that what a merge
loses or misplaces is counted exactly.
"""

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

PACK, RUNBOOK, SAFETY = "docs/eval_pack.md", "ops/runbook.md", "safety/safety_checklist.md"
DOCUMENTS = (PACK, RUNBOOK, SAFETY)
PLACEHOLDER = "Not written yet."
Docs = dict[str, str]


@dataclass(frozen=True)
class Filled:
    """Documents of a team; `homes` has the section of each tag."""

    docs: Docs
    homes: dict[str, str]


@dataclass
class Theirs:
    """Documents after a change of the template; `also` says where else a section's text may go."""

    docs: Docs
    also: dict[str, str] = field(default_factory=dict)
    renames: str = ""
    base: Docs | None = None  # where the change needs another start


# Filling in


class _Tags:
    def __init__(self) -> None:
        self._number = count(1)

    def __call__(self) -> str:
        return f"zq{next(self._number):05d}z"


def sparse(docs: Docs) -> Filled:
    """One placeholder in five, and a few ticks."""
    return _filled({path: _fill(text, _TAGS(), every=5) for path, text in docs.items()})


def light(docs: Docs) -> Filled:
    """Every placeholder, every second tick, a row in each table, an item in each list."""
    return _filled({path: _fill(text, _TAGS(), every=1) for path, text in docs.items()})


def heavy(docs: Docs) -> Filled:
    """As light; and the guidance is deleted and the template's paragraphs wrapped anew."""
    filled = light(docs)
    return Filled({path: _tidied(text) for path, text in filled.docs.items()}, filled.homes)


FILLINGS: dict[str, Callable[[Docs], Filled]] = {"light": light, "heavy": heavy, "sparse": sparse}
_SHARED = _Tags()


def _TAGS() -> _Tags:  # noqa: N802
    return _SHARED


def _fill(text: str, tag: _Tags, every: int) -> str:
    lines = text.split("\n")
    out: list[str] = []
    seen = boxes = 0
    for at, line in enumerate(lines):
        following = lines[at + 1] if at + 1 < len(lines) else ""
        if line == PLACEHOLDER:
            seen += 1
            if seen % every:
                out.append(line)
            else:
                out += [f"We decided it {tag()}.", f"Then we looked {tag()} again."]
        elif line.startswith("- [ ] `"):
            boxes += 1
            out.append(line if boxes % (2 * every) else _ticked(line, tag))
            if not following.startswith("- [") and every == 1:
                out.append(f"- [ ] Ours {tag()} as well.")
        elif line == "Reviewed:" and every == 1:
            out.append(f"Reviewed: {tag()}")
        else:
            out.append(line)
            if re.fullmatch(r"\|[-|: ]+\|", line) and every == 1:
                cells = line.count("|") - 2
                out.append(f"| {tag()} |{' x |' * cells}")
    return _configs_filled("\n".join(out), tag, every)


def _ticked(line: str, tag: _Tags) -> str:
    said, comment, rest = line.partition(" <!--")
    return f"{said.replace('[ ]', '[x]', 1)} Evidence: [log](x/{tag()}.md){comment}{rest}"


def _configs_filled(text: str, tag: _Tags, every: int) -> str:
    """Fill in one null of every second config block."""
    parts = re.split(r"(```yaml\n.*?```)", text, flags=re.DOTALL)
    for at in range(1, len(parts), 2 * every * 2):
        parts[at] = re.sub(
            r"(?m)^( *-? ?\w+:) null", lambda m: f"{m[1]} {tag()}", parts[at], count=1
        )
    return "".join(parts)


def _tidied(text: str) -> str:
    """Return a text without guidance, and with plain paragraphs wrapped at 72."""
    text = re.sub(r"(?m)^> .* <!-- guidance -->\n\n?", "", text)
    blocks = []
    for block in re.split(r"(\n\n+|```.*?```)", text, flags=re.DOTALL):
        plain = re.match(r"[A-Z“\"]", block) and "zq" not in block and block != PLACEHOLDER
        if plain and not re.match(r"(Owner|Reviewed):", block):
            block = "\n".join(textwrap.wrap(" ".join(block.split()), 72, break_on_hyphens=False))
        blocks.append(block)
    return "".join(blocks)


def _filled(docs: Docs) -> Filled:
    homes = {}
    for text in docs.values():
        for section, line in places(text):
            homes |= dict.fromkeys(re.findall(r"zq\d{5}z", line), section)
    return Filled(docs, homes)


def places(text: str) -> Iterator[tuple[str, str]]:
    """Yield each line with the id of its section."""
    section = "beginning"
    for line in text.splitlines():
        found = re.fullmatch(r"<!-- section: (\S+) -->", line.strip())
        section = found[1] if found else section
        yield section, line


# Changes of the template


def sections(text: str) -> list[str]:
    """Return a document, split before every heading of the second level."""
    return re.split(r"(?m)^(?=## )", text)


def section_id(part: str) -> str:
    found = re.search(r"<!-- section: (\S+) -->", part)
    return found[1] if found else ""


def _each(docs: Docs, change: Callable[[str], str]) -> Docs:
    return {path: change(text) for path, text in docs.items()}


def guidance_reworded(docs: Docs) -> Theirs:
    """A: the guidance of eight sections of each document is reworded."""
    return Theirs(
        _each(
            docs,
            lambda t: re.sub(r"(?m)^> (?=.* <!-- guidance -->$)", "> Tell us: ", t, count=8),
        )
    )


def paragraph_reworded(docs: Docs) -> Theirs:
    """A2: the sentences of the template beside eight placeholders change."""

    def change(text: str) -> str:
        return re.sub(
            rf"(?m)(^{PLACEHOLDER}\n\n)([A-Z][a-z]+ )(?=[^|\n]+$)", r"\1Note: \2", text, count=8
        )

    return Theirs(_each(docs, change))


NEW = """\
## Provenance of numbers
<!-- section: new-numbers -->

<!-- Where from? -->

Not written yet.

- [ ] `new-numbers-known` Each number names its run. <!-- from production -->

"""


def _with_section(text: str, at: int) -> str:
    parts = sections(text)
    at = min(at, len(parts) - 1)
    return "".join([*parts[:at], NEW.replace("new-", f"new-{len(text)}-"), *parts[at:]])


def section_inserted(docs: Docs) -> Theirs:
    """B: a new section as the third."""
    return Theirs(_each(docs, lambda t: _with_section(t, 3)))


def section_inserted_late(docs: Docs) -> Theirs:
    """B2: a new section before the last but one."""
    return Theirs(_each(docs, lambda t: _with_section(t, len(sections(t)) - 2)))


def items_added(docs: Docs) -> Theirs:
    """C: four new items in each document, last in their lists."""

    def change(text: str) -> str:
        number = count()
        return re.sub(
            r"(?m)^(- \[ \] `.*\n)(?!- )",
            lambda m: (
                m[1]
                if (n := next(number)) > 3
                else f"{m[1]}- [ ] `added-{len(text)}-{n}` It is new.\n"
            ),
            text,
        )

    return Theirs(_each(docs, change))


def headings_renamed(docs: Docs) -> Theirs:
    """D: two headings of each document are renamed."""
    return Theirs(
        _each(
            docs, lambda t: re.sub(r"(?m)^## (\w)(?=.*\n<!-- section)", r"## About: \1", t, count=2)
        )
    )


def section_moved(docs: Docs) -> Theirs:
    """E: the fifth section moves up by two."""

    def change(text: str) -> str:
        parts = sections(text)
        parts.insert(3, parts.pop(5))
        return "".join(parts)

    return Theirs(_each(docs, change))


def section_moved_up(docs: Docs) -> Theirs:
    """E2: the fourth section becomes the first."""

    def change(text: str) -> str:
        parts = sections(text)
        parts.insert(1, parts.pop(4))
        return "".join(parts)

    return Theirs(_each(docs, change))


def columns_added(docs: Docs) -> Theirs:
    """F: the first two tables of each document get a column."""

    def change(text: str) -> str:
        out, tables, inside = [], 0, False
        for line in text.split("\n"):
            row = line.startswith("|")
            tables += row and not inside
            if row and tables <= 2:
                line += "---|" if re.fullmatch(r"[|: -]+", line) else " |" if inside else " Since |"
            inside = row
            out.append(line)
        return "\n".join(out)

    return Theirs(_each(docs, change))


def row_and_item_added(docs: Docs) -> Theirs:
    """T: a new first row in a table and a new first item in a list."""

    def change(text: str) -> str:
        found = re.search(r"(?m)^\|([-|: ]+)\|\n", text)
        if found:
            row = f"| every case |{' to be named |' * found[1].count('|')}\n"
            text = text[: found.end()] + row + text[found.end() :]
        return re.sub(
            r"(?m)^- \[ \] `", f"- [ ] `first-{len(text)}` First.\n- [ ] `", text, count=1
        )

    return Theirs(_each(docs, change))


def placeholder_reworded(docs: Docs) -> Theirs:
    """I: the placeholder says it in other words."""
    return Theirs(_each(docs, lambda t: t.replace(PLACEHOLDER, "To be written.")))


def section_removed(docs: Docs) -> Theirs:
    """K: the fourth section is gone; what was written in it should not be."""
    return Theirs(_each(docs, lambda t: "".join(p for n, p in enumerate(sections(t)) if n != 4)))


def document_moved(docs: Docs) -> Theirs:
    """G: a document has another name."""
    moved = {path.replace("eval_pack", "evals"): text for path, text in docs.items()}
    return Theirs(moved, renames=f"files: {{{PACK}: docs/evals.md}}")


def document_moved_and_reworded(docs: Docs) -> Theirs:
    """G2: a document has another name, and its guidance is reworded."""
    moved = document_moved(docs)
    return Theirs(guidance_reworded(moved.docs).docs, renames=moved.renames)


def all_at_once(docs: Docs) -> Theirs:
    """H: guidance, a section, items, headings and columns in one version."""
    for change in (
        guidance_reworded,
        section_inserted,
        items_added,
        headings_renamed,
        columns_added,
    ):
        docs = change(docs).docs
    return Theirs(docs)


SEEN: dict[str, Callable[[Docs], Theirs]] = {
    change.__name__: change
    for change in (
        guidance_reworded,
        paragraph_reworded,
        section_inserted,
        section_inserted_late,
        items_added,
        headings_renamed,
        section_moved,
        section_moved_up,
        columns_added,
        row_and_item_added,
        placeholder_reworded,
        section_removed,
        document_moved,
        document_moved_and_reworded,
        all_at_once,
    )
}  # the sixteenth, a track added, needs another render and stands in merge.py


def section_split(docs: Docs) -> Theirs:
    """Two items of a section, with new text round them, become a section of their own."""
    text = docs[PACK]
    parts = sections(text)
    at = next(n for n, p in enumerate(parts) if n and len(re.findall(r"(?m)^- \[ \] `", p)) > 2)
    items = re.findall(r"(?m)^- \[ \] `.*\n", parts[at])[-2:]
    rest = parts[at]
    for item in items:
        rest = rest.replace(item, "")
    head = "## Split off\n<!-- section: split-off -->\n\n<!-- Why? -->\n\n"
    new = f"{head}{PLACEHOLDER}\n\n{''.join(items)}\n"
    parts[at : at + 1] = [rest, new]
    return Theirs({**docs, PACK: "".join(parts)}, {section_id(rest): "split-off"})


def item_moved(docs: Docs) -> Theirs:
    """The first two items of the document go to the list of another section."""
    parts = sections(docs[PACK])
    having = [n for n, p in enumerate(parts) if re.search(r"(?m)^- \[ \] `", p)]
    source, target = having[0], having[2]
    items = re.findall(r"(?m)^- \[ \] `.*\n", parts[source])[:2]
    for item in items:
        parts[source] = parts[source].replace(item, "")
    parts[target] = re.sub(r"(?m)^(?=- \[ \] `)", "".join(items), parts[target], count=1)
    also = {section_id(parts[source]): section_id(parts[target])}
    return Theirs({**docs, PACK: "".join(parts)}, also)


def _config_with_key(text: str) -> tuple[str, str]:
    """Return the kind of a config block and one of its keys, for renaming."""
    for kind, body in re.findall(r"<!-- config: (\w+) -->\n```yaml\n(.*?)```", text, re.DOTALL):
        keys = re.findall(r"(?m)^(?:- |  )?(\w+): null", body)
        if keys:
            return kind, keys[0]
    raise AssertionError("no config block has an empty key")


def key_renamed(docs: Docs) -> Theirs:
    """A key of a config block has another name, declared in renames.yml."""
    kind, key = _config_with_key(docs[RUNBOOK])
    start = docs[RUNBOOK].index(f"<!-- config: {kind} -->")
    before, rest = docs[RUNBOOK][:start], docs[RUNBOOK][start:]
    body, fence, after = rest.partition("```\n")
    body = re.sub(rf"(?m)^((?:- |  )?){key}:", r"\1renamed_key:", body)
    docs = {**docs, RUNBOOK: before + body + fence + after}
    return Theirs(docs, renames=f"configs: {{{kind}: {{{key}: renamed_key}}}}")


def key_retired(docs: Docs) -> Theirs:
    """A key of a config block is gone."""
    kind, key = _config_with_key(docs[RUNBOOK])
    start = docs[RUNBOOK].index(f"<!-- config: {kind} -->")
    rest = re.sub(rf"(?m)^  {key}:.*\n|^{key}:.*\n", "", docs[RUNBOOK][start:], count=1)
    return Theirs({**docs, RUNBOOK: docs[RUNBOOK][:start] + rest})


def table_becomes_config(docs: Docs) -> Theirs:
    """A table is replaced by a config block in the same place."""
    new = "<!-- config: ablations -->\n```yaml\n- id: null\n  gain: null\n```\n"
    table = re.search(r"(?m)^\|.*\|\n\|[-|: ]+\|\n(\|.*\|\n)*", docs[PACK])
    assert table is not None
    return Theirs({**docs, PACK: docs[PACK].replace(table[0], new, 1)})


def document_split(docs: Docs) -> Theirs:
    """The last four sections of a document become a document of their own."""
    parts = sections(docs[PACK])
    rest, gone = parts[:-4], parts[-4:]
    split = {PACK: "".join(rest).rstrip() + "\n", "docs/later.md": f"# Later\n\n{''.join(gone)}"}
    return Theirs({**docs, **split})


UNSEEN: dict[str, Callable[[Docs], Theirs]] = {
    change.__name__: change
    for change in (
        section_split,
        item_moved,
        key_renamed,
        key_retired,
        table_becomes_config,
        document_split,
    )
}  # a track removed stands in merge.py
