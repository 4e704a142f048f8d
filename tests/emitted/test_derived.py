"""What `export` derives from the documents of a new repository is in the template already.

Plain Copier renders the template, so it has the derived files, with the answers put back into them.
`pytest --accept` writes them.
"""

import datetime
import re
from pathlib import Path
from typing import Any

import pytest

from conftest import QUESTIONS, ROOT, Render
from mlcharter.check import engine
from mlcharter.export import exporting
from mlcharter.support import plugins
from mlcharter.support.files import Folder

KINDS = list(plugins.names(exporting.KINDS))
AVAILABILITIES = QUESTIONS["platform_availability"].choices
OWNER, AVAILABILITY = "@mlcharter/owner", "99.9"  # no other SLO has this target
TARGET = float(f"{AVAILABILITY}e-2")
PUT_BACK = {
    f"'{OWNER}'": "{{ quoted }}",
    f" target: {TARGET!r}\n": ' target: {{ (platform_availability ~ "e-2") | float }}\n',
    f"(1 - {TARGET!r})": '(1 - {{ (platform_availability ~ "e-2") | float }})',
}
CONDITIONS = {"platform": '"platform" in tracks', "rl": '"rl" in tracks and starter'}
HEAD = """\
{#- What `mlcharter export` derives from the documents of a new repository: \
`pytest --accept tests/emitted/test_derived.py` writes it. -#}
{%- set quoted = "'" ~ owner ~ "'" if owner.startswith("@") else owner -%}
"""
ANSWERS: list[dict[str, Any]] = [
    *({"tracks": ["platform"], "platform_availability": choice} for choice in AVAILABILITIES),
    {"tracks": ["platform", "rl"], "owner": "ops@acme.example"},
    {"tracks": ["platform", "rl"], "starter": False},
    {"tracks": ["platform"], "tier": "prototype", "owner": "@acme/harbour"},
    {"tracks": ["rl"]},
    {"tracks": ["rl"], "starter": False},
    {"tracks": ["rl"], "tier": "prototype"},
    {"tracks": ["applied"]},
    {"tracks": ["rag"], "tier": "critical"},
    {"tracks": ["platform", "rag"], "rag_tools": True},
    {"tracks": ["platform"], "layout": "documents"},
]


def derive(root: Path) -> list[exporting.Derived]:
    charter = engine.open_charter(Folder(root), datetime.date(2026, 12, 1))
    try:
        return list(exporting.derive(charter, KINDS))
    finally:
        charter.close()


@pytest.mark.parametrize("answers", ANSWERS, ids=str)
def test_the_derived_files_of_a_new_repository_are_current(
    render: Render, answers: dict[str, Any]
) -> None:
    files = derive(render(**answers))

    others = {file.path: file.state for file in files if file.state not in ("current", "empty")}
    needless = answers.get("tier") == "prototype"
    assert {path for path, state in others.items() if state != "missing" or not needless} == set()


def test_the_template_has_what_is_derived(render: Render, request: pytest.FixtureRequest) -> None:
    answers = {"owner": OWNER, "platform_availability": AVAILABILITY}
    both, *each = (
        {file.path: file.text for file in derive(render(tracks=list(tracks), **answers))}
        for tracks in (CONDITIONS, ["platform"], ["rl"])
    )
    for path, text in both.items():
        if text is not None:
            template = compose(
                text, {c: t.get(path) or "" for c, t in zip(CONDITIONS, each, strict=True)}
            )
            file = ROOT / "template/project" / f"{path}.jinja"
            if request.config.getoption("--accept"):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(template)
            assert file.read_text() == template


def compose(text: str, each: dict[str, str]) -> str:
    """Return a template: entries of a list each under the condition of the track that has them.

    A file without such entries is that of one track; copier.yml excludes it without that track.
    """
    head, *entries = re.split(r"(?m)^(?=- )", text)
    parts, current = [HEAD, escape(head)], None
    for entry in entries:
        [condition] = (CONDITIONS[track] for track, own in each.items() if entry in own)
        if condition != current:
            parts += ["{%- endif %}\n"] * (current is not None) + [f"{{%- if {condition} %}}\n"]
        parts.append(escape(entry))
        current = condition
    return "".join(parts) + "{%- endif %}\n" * (current is not None)


def escape(text: str) -> str:
    """Return text of a derived file as a template, with the answers put back."""
    text = text.replace("{{", "{{ '{{' }}")
    for value, answer in PUT_BACK.items():
        text = text.replace(value, answer)
    return text
