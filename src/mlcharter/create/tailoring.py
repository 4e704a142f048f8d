"""Fit rendered files to an organisation's standard, and to the documents that are left out.

This happens between rendering and writing, so `new` and `adopt` have the same result.
"""

import datetime
import re
import tempfile
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from mlcharter.charter import link_targets, location, settings, standard
from mlcharter.charter.charter import Charter
from mlcharter.charter.settings import LEVELS, SETTINGS, SettingsFile
from mlcharter.check import engine, fixing
from mlcharter.markdown import document
from mlcharter.markdown.document import Document, Link
from mlcharter.support import writing
from mlcharter.support.errors import UserError
from mlcharter.support.files import Folder, Unreadable
from mlcharter.template.answers import TIERS
from mlcharter.template.questionnaire import Answers
from mlcharter.template.specification import STANDARD
from mlcharter.template.template import Template

COPY = ".mlcharter-standard.yml"  # a standard from a file, in the repository that extends it
_FORMS = (  # of hosts; they name the standard documents, one after the other
    ".github/pull_request_template.md",
    ".gitlab/merge_request_templates/Default.md",
)
_REFUSED = frozenset(("settings-invalid", "template-not-allowed", "template-too-old"))


def read_standard(source: str) -> SettingsFile:
    """Return the standard in a file, or at a pinned address; an invalid one is a UserError."""
    with tempfile.TemporaryDirectory(prefix="mlcharter-") as folder:
        root = Path(folder)
        _extend(root, source)
        read = settings.read(Folder(root))
    if read.problems:
        first = read.problems[0]
        raise UserError(
            f"the standard can't be used: {first.message}",
            hint="give --standard a valid file, or git+https://…@COMMIT#FILE",
        )
    return read.above[0].settings


def _extend(root: Path, source: str) -> None:
    """Let the settings at `root` extend a standard, after copying or fetching it."""
    file = Path(source)
    if settings.pinned(source) is None and "://" not in source:
        data = Folder(file.absolute().parent).read(file.name)
        if isinstance(data, Unreadable):
            raise UserError(f"the standard {source} {data.message}", hint="give another --standard")
        writing.replace(root, COPY, data)
        source = COPY
    own = Folder(root).read(SETTINGS)
    text = own.decode() if isinstance(own, bytes) else ""
    writing.replace(root, SETTINGS, f"extends: {source}\n\n{text}".rstrip("\n").encode() + b"\n")
    standard.fetch(root)


def choose_tier(source: str, explicit: Answers) -> None:
    """Add the tier of a standard to the answers; a lower one that was given is a UserError."""
    required = read_standard(source).tier
    if required is None:
        return
    given = explicit.setdefault("tier", required)
    if given in TIERS and TIERS.index(given) < TIERS.index(required):
        raise UserError(
            f"the standard requires tier {required}, not {given}",
            hint="leave out the tier, or choose a higher one",
        )


def apply_standard(root: Path, source: str, template: Template) -> None:
    """Extend the standard in rendered files, and add the parts that it requires."""
    _extend(root, source)
    charter = _open(root, template)
    fixing.fix(root, charter, lambda path: True)
    charter = _open(root, template)
    for judged in engine.check(charter, level="draft").judged:
        if judged.outcome == "fails" and judged.finding.rule in _REFUSED:
            raise UserError(
                f"the standard can't be met: {judged.finding.message}",
                hint="give another --standard, or another --template",
            )


def describe_failing(root: Path, written: Collection[str] | None = None) -> list[str]:
    """Return messages about the findings that fail in the check of a new charter.

    `written` are the files that were just written; None if that is all.
    """
    tree = Folder(root)
    today = datetime.datetime.now(datetime.UTC).date()
    charter = engine.open_charter(tree, today, branch=location.branch(tree))
    failing = [judged for judged in engine.check(charter).judged if judged.outcome == "fails"]
    own = [one for one in failing if written is None or one.finding.path in written]
    messages = []
    if existing := len(failing) - len(own):
        messages.append(
            f"{existing} findings in existing documents fail already; correct them, "
            "or record them with `mlcharter check --write-baseline`"
        )
    if own:
        level = max((one.level for one in own), key=LEVELS.index)
        messages += [
            f"the standard asks for level {level}, so `mlcharter check` fails until the "
            f"documents are filled in: {len(own)} findings are open",
            "`mlcharter status` shows what to write first; `mlcharter check --write-baseline` "
            "records the open ones, so that only others fail",
        ]
    return messages


def leave_out(
    root: Path, template: Template, exists: Callable[[str], bool] = lambda path: False
) -> None:
    """Remove the parts of rendered files that are left out, and the links to what is not there.

    `exists` says whether the repository that the files are for has a path.
    """
    charter = _open(root, template)
    left_out = {spec.path for spec in charter.spec.left_out if charter.spec.is_left_out(spec.path)}
    for path in left_out:
        if Folder(root).is_file(path):
            writing.remove(root, path)
    for change in (_remove_parts, partial(_unlink, exists)):
        charter = _open(root, template)
        for read in (*charter.documents, document.read("README.md", Folder(root))):
            if isinstance(read, Document) and (text := change(charter, read)) != read.text:
                writing.replace(root, read.path, text.encode())
    for form in _FORMS:
        data = Folder(root).read(form)
        if isinstance(data, bytes):
            writing.replace(root, form, _without_names(data.decode(), charter, exists).encode())


def _without_names(text: str, charter: Charter, exists: Callable[[str], bool]) -> str:
    """Return a text without the names of standard documents that are not there, in its lists."""
    for path in STANDARD:
        if not (charter.exists(path) or exists(path)):
            text = text.replace(f", `{path}`", "").replace(f"`{path}`, ", "")
    return text


def _open(root: Path, template: Template) -> Charter:
    today = datetime.datetime.now(datetime.UTC).date()
    return engine.open_charter(Folder(root), today, template=template.root)


def _remove_parts(charter: Charter, read: Document) -> str:
    """Return a document without the sections and items that are left out."""
    names = charter.settings.left_out
    gone: set[int] = set()
    for section in read.sections:
        parts = (section, section.parent, section.parent and section.parent.parent)
        if any(part and part.id in names for part in parts):
            gone.update(range(section.line, section.end + 1))
    for item in read.items:
        if item.id in names:
            gone.update(range(item.line, item.end + 1))
    if not gone:
        return read.text
    text = "".join(line for n, line in enumerate(read.lines, 1) if n not in gone)
    return re.sub(r"\n{3,}", "\n\n", text).rstrip("\n") + "\n"


def _unlink(exists: Callable[[str], bool], charter: Charter, read: Document) -> str:
    """Return a document in which a link to something that does not exist is only its text."""
    lines = list(read.lines)
    for link in read.links:
        if not link.external and _is_dead(charter, read, link, exists):
            target = re.escape(link.target)
            inline = rf"\[([^\[\]]*)\]\({target}\)"
            lines[link.line - 1] = re.sub(inline, r"\1", lines[link.line - 1])
    return "".join(lines)


def _is_dead(charter: Charter, read: Document, link: Link, exists: Callable[[str], bool]) -> bool:
    path = link_targets.resolve(read.path, link.target)
    if path is None or not charter.exists(path):
        return path is not None and not exists(path)
    target = charter.document(path)
    return bool(target and link.fragment and link.fragment not in target.anchors)
