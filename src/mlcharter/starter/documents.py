"""Write what is known of a dataset into the documents, and leave open what a person decides."""

import json
import re
from collections.abc import Callable, Mapping, Sequence

from mlcharter.charter import config_entries
from mlcharter.markdown import document

LICENCES = "safety/licences.md"
SAFETY = "safety/safety_checklist.md"
IGNORED = ".gitignore"
MOST_FIELDS = 60  # that get a line each in the map of personal data
_HEADER = "| Asset | Licence | Terms read | Used for | Approved by |\n|---|---|---|---|---|"


def add_licence(dataset: str, path: str, licence: str | None) -> Callable[[str], str]:
    """Return the edit that adds a dataset's row to the licence inventory."""
    row = f"| `{dataset}`, {path} | {licence or ''} | | training, evaluation | |"

    def edit(text: str) -> str:
        if f"`{dataset}`, {path} |" in text:
            return text
        return add_row(text, "licence-inventory", row, _HEADER)

    return edit


def add_personal_data(
    dataset: str, answers: Mapping[str, object], named: Sequence[str] = ()
) -> Callable[[str], str]:
    """Return the edit that adds a dataset to the map of personal data.

    `named` are the fields that may single out a person, with an entry each; one entry is for all
    others. The data are put in as they are, so nothing is redacted. Categories are for a person to
    fill in, unless the answer `personal_data` is that there are none.
    """
    none = answers.get("personal_data") == "none"
    fields = ["*"] if none or len(named) > MOST_FIELDS else [*named, "*"]
    keys = f"category: {'none' if none else 'null'}, purpose: null, basis: null"
    entries = "".join(
        f"- {{dataset: {dataset}, field: {json.dumps(field, ensure_ascii=False)}, {keys}, "
        "retention_days: null, redaction: none, region: null}\n"
        for field in fields
    )

    def edit(text: str) -> str:
        return text if f"dataset: {dataset}," in text else fill(text, "pii_map", entries)

    return edit


def add_ignored(path: str) -> Callable[[str], str]:
    """Return the edit that adds a file to .gitignore."""
    line = f"/{path}"

    def edit(text: str) -> str:
        if line in text.splitlines():
            return text
        return f"{text}# Data that stay out of Git; docs/eval_pack.md has their digest.\n{line}\n"

    return edit


def cell(text: str) -> str:
    """Return text of the data as code, which no table and no HTML in it can break."""
    plain = re.sub(r"[`|<>\s]", " ", text).strip()
    return f"`{plain}`" if plain else ""


def fill(text: str, kind: str, entries: str) -> str:
    """Return a document with `entries` in its first config block of a kind.

    A block that is not filled in is replaced; another keeps its entries, and a list gets those
    whose id it lacks. Without such a block the text is returned as it is.
    """
    read = document.parse(text)
    config = next((c for c in read.configs_of(kind) if c.problem is None), None)
    if config is None:
        return text
    lines = text.splitlines(keepends=True)
    first, last = config.fence, config.fence + len(config.text.splitlines())
    if config_entries.is_blank(config.value):
        return "".join([*lines[:first], entries, *lines[last:]])
    value = config.value if isinstance(config.value, list) else []
    known = {entry.get("id") for entry in value if isinstance(entry, dict)} - {None}
    new = [entry for entry in re.split(r"^(?=- )", entries, flags=re.MULTILINE) if entry]
    new = [entry for entry in new if entry[:2] == "- " and _find_id(entry) not in known]
    return "".join([*lines[:last], *new, *lines[last:]])


def list_ids(text: str, kind: str) -> set[str]:
    """Return the ids in the config blocks of a kind of a document."""
    values = [c.value for c in document.parse(text).configs_of(kind) if c.problem is None]
    entries = [entry for value in values if isinstance(value, list) for entry in value]
    return {str(entry["id"]) for entry in entries if isinstance(entry, dict) and entry.get("id")}


def _find_id(entry: str) -> str | None:
    found = re.match(r"- \{?id: ([^,}\s]+)", entry)
    return found[1] if found else None


def add_row(text: str, section_id: str, row: str, header: str) -> str:
    """Return a document with a row at the end of the first table of a section.

    A section without a table gets one, with `header`, above its placeholder.
    """
    read = document.parse(text)
    section = read.section(section_id)
    if section is None:
        return text
    lines = text.splitlines(keepends=True)
    inside = [b for b in read.blocks if section.line < b.line <= section.end]
    table = next((block for block in inside if block.kind == "table"), None)
    if table is not None:
        return "".join([*lines[: table.end], f"{row}\n", *lines[table.end :]])
    open_ = next((block for block in inside if block.kind == "placeholder"), None)
    if open_ is None:
        return text
    new = [f"{header}\n", f"{row}\n", "\n"]
    return "".join([*lines[: open_.line - 1], *new, *lines[open_.line - 1 :]])
