"""Charters out of the examples in the docstrings of rules.

An example is one file, `docs/design_doc.md`, unless lines such as `--- ops/runbook.md` begin
others. It lies in a repository with the answers below, held only to the example's own template.
"""

import datetime
import re
from pathlib import Path

from mlcharter.charter import settings
from mlcharter.charter.charter import Charter
from mlcharter.check.rule import Rule
from mlcharter.markdown import document
from mlcharter.support.files import Folder
from mlcharter.support.finding import Finding
from mlcharter.template import answers, specification
from mlcharter.template.specification import Specification

TODAY = datetime.date(2026, 12, 1)
FIRST = "docs/design_doc.md"
TRACKS = ("applied", "platform", "rag", "rl")
ANSWERS = """\
_commit: v0.1.0
_src_path: https://git.acme.example/charter.git
layout: full
owner: '@acme/fraud'
project_name: Fraud watch
tier: production
tracks:
- applied
"""


def files(text: str) -> dict[str, str]:
    """The files of an example by path."""
    parts = re.split(r"^--- (\S+)\n", text, flags=re.M)
    named = dict(zip(parts[1::2], parts[2::2], strict=True))
    return ({FIRST: parts[0]} if parts[0].strip() else {}) | named


def charter(root: Path, text: str, template: str = "") -> Charter:
    """Write an example below `root` and open it, held to `template`."""
    for path, content in {answers.ANSWERS: ANSWERS, **files(text)}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content, encoding="utf-8")
    given = files(template)
    wanted = {path: document.parse(content, path) for path, content in given.items()}
    here = {path: document.parse("", path) for path in files(text) if path.endswith(".md")}
    tree = Folder(root)
    read = answers.read(tree, TRACKS)
    spec = tuple(specification.specify(doc) for doc in ({**here, **wanted}).values())
    held = Specification(spec, frozenset(), read.values).keep_documents(read.kept)
    return Charter(tree, read, settings.read(tree), held, TODAY)


def template(rule: Rule) -> str:
    return next((example.text for example in rule.examples if example.kind == "Template"), "")


def lines(found: list[Finding]) -> str:
    return "\n".join(f"{f.path}:{f.line}:{f.column}: {f.message} [{f.rule}]" for f in found)
