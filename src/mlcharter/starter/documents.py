"""Write what is known of a dataset into the documents, and leave open what a person decides."""

import json
import re

from mlcharter.charter import config_entries
from mlcharter.markdown import document
from mlcharter.markdown.document import PLACEHOLDER
from mlcharter.starter.profile import Column, Profile

_CARD = """\
# Data card: {name}

Owner: {owner}

Reviewed:

The rows that the system learns from and is evaluated on.

## Origin
<!-- section: {name}-origin -->

| Field | Value |
|---|---|
| id and digest in the evaluation pack | `{name}` |
| rows, columns, period | {rows} rows, {columns} columns; from when to when is not written yet |
| file | `data/{name}.csv` |
| licence or contract, and a link to its text | {licence} |

{placeholder}

## What is in it
<!-- section: {name}-content -->

| Column | Values | Missing |
|---|---|---|
{contents}

{placeholder}

## Labels
<!-- section: {name}-labels -->

The target is `{target}`{positive}.{unlabelled}

{placeholder}

## Use
<!-- section: {name}-use -->

{placeholder}

## Keeping
<!-- section: {name}-keeping -->

{placeholder}
"""
MOST_FIELDS = 60  # that get a line each in the map of personal data


def card(profile: Profile, owner: str) -> str:
    """Return the data card: what the file shows, and placeholders for the rest."""
    left_out = f" {profile.unlabelled} rows have none and are left out."
    return _CARD.format(
        name=profile.name,
        owner=owner,
        rows=profile.rows,
        columns=len(profile.columns) + 1,
        licence=profile.request.licence or "not written yet",
        contents="\n".join(map(_row, profile.columns)),
        target=profile.request.target,
        positive=f", 1 where it is {_cell(profile.positive)}" if profile.positive else "",
        unlabelled=left_out if profile.unlabelled else "",
        placeholder=PLACEHOLDER,
    )


def _row(column: Column) -> str:
    if column.ends:
        values = f"{column.ends[0]:g} to {column.ends[1]:g}"
    else:
        values = ", ".join(map(_cell, column.values)) or "many texts"
    return f"| {_cell(column.name)} | {values} | {column.missing} |"


def _cell(text: str) -> str:
    """Return text of the data as code, which no table and no HTML in it can break."""
    plain = re.sub(r"[`|<>\s]", " ", text).strip()
    return f"`{plain}`" if plain else ""


def pii_map(profile: Profile) -> str:
    """Return entries of the config block `pii_map`, whose categories a person fills in."""
    names = [column.name for column in profile.columns]
    fields = names if len(names) <= MOST_FIELDS else ["*"]
    keys = "category: null, purpose: null, basis: null, retention_days: null"
    return "".join(
        f"- {{dataset: {profile.name}, field: {json.dumps(field, ensure_ascii=False)}, {keys}, "
        "redaction: null, region: null}\n"
        for field in fields
    )


def licence_row(profile: Profile) -> str:
    """Return the dataset's row of the licence inventory."""
    licence = profile.request.licence or ""
    return f"| `{profile.name}`, data/{profile.name}.csv | {licence} | | training, evaluation | |"


def fill(text: str, kind: str, entries: str) -> str:
    """Return a document with `entries` in its first config block of a kind.

    A block that is not filled in is replaced; others keep their entries. Without such a block the
    text is returned as it is.
    """
    read = document.parse(text)
    config = next((c for c in read.configs_of(kind) if c.problem is None), None)
    if config is None:
        return text
    lines = text.splitlines(keepends=True)
    first, last = config.fence, config.fence + len(config.text.splitlines())
    kept = [] if config_entries.is_blank(config.value) else lines[first:last]
    return "".join([*lines[:first], *kept, entries, *lines[last:]])


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
