"""Format the plan of an update: for a terminal, for a pull request, and as a patch."""

import base64
import hashlib
import os
import zlib
from collections.abc import Sequence
from difflib import unified_diff

from mlcharter.support.plain import markdown_code, markdown_text, plain, plain_message
from mlcharter.update.merging.trees import LINK, PROGRAM, Change, File
from mlcharter.update.updating import Plan


def text(plan: Plan) -> str:
    """Return a line for each file, with its sections and notes below it."""
    lines = [plan.about, *(f"  note: {note}" for note in [*plan.notes, *plan.moved])]
    for change in plan.changes:
        lines.append(f"  {_describe(change)}: {change.path}")
        lines += [f"      {line}" for line in change.sections]
        lines += [f"      note: {line}" for line in change.notes]
    if not plan.changes and plan.finished is None:
        lines.append("  nothing to do")
    elif plan.conflicts:
        count = len(plan.conflicts)
        lines.append(f"{count} {'file' if count == 1 else 'files'} to resolve by hand")
    if plan.written:
        first = "resolve and `git add` it" if plan.conflicts else "look at `git diff`"
        lines.append(f"written, not committed: {first}, then run `mlcharter check`")
        lines.append("`mlcharter update --abort` reverts it")
    return "".join(f"{plain_message(line)}\n" for line in lines)


def markdown(plan: Plan) -> str:
    """Return the text of a pull request: what to resolve, what was kept, what changed."""
    lines = [f"Update of the charter: {markdown_text(plan.about)}", ""]
    lines += [f"- {markdown_text(note)}" for note in [*plan.notes, *plan.moved]]
    kept = [c for c in plan.changes if c.notes and c not in plan.conflicts]
    changed = [c for c in plan.changes if c.written and c not in plan.conflicts]
    for title, some, parts in (
        ("To resolve by hand", plan.conflicts, ("notes", "sections")),
        ("Kept", kept, ("notes",)),
        ("Changed", changed, ("sections",)),
    ):
        if some:
            lines += ["", f"### {title}", ""]
            lines += _list_changes(some, parts)
    if not plan.changes:
        lines.append("Nothing to do.")
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _list_changes(changes: Sequence[Change], parts: Sequence[str]) -> list[str]:
    lines = []
    for change in changes:
        lines.append(f"- {markdown_code(change.path)}: {_describe(change)}")
        for part in parts:
            lines += [f"  - {markdown_text(line)}" for line in getattr(change, part)]
    return lines


def patch(plan: Plan) -> str:
    """Return the changes as a patch for `git apply`."""
    return "".join(_format_patch(change) for change in plan.changes if change.written)


def _describe(change: Change) -> str:
    if change.left or (change.conflict and not change.written):
        return "left alone"
    if change.conflict:
        return "conflict"
    return change.action if change.written else "kept"


def _format_patch(change: Change) -> str:
    old, new = change.ours, change.new
    before, after = _quote(f"a/{change.path}"), _quote(f"b/{change.path}")
    out = f"diff --git {before} {after}\n"
    if old is None and new is not None:
        out += f"new file mode {new.mode:o}\n"
    elif new is None and old is not None:
        out += f"deleted file mode {old.mode:o}\n"
    elif old and new and old.mode != new.mode:
        out += f"old mode {old.mode:o}\nnew mode {new.mode:o}\n"
    sides = [_split_lines(file) for file in (old, new)]
    if any(side is None for side in sides):
        return out + _format_binary(old, new)
    names = (before if old else "/dev/null", after if new else "/dev/null")
    lines = [
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in unified_diff(sides[0] or [], sides[1] or [], *names, lineterm="\n")
    ]
    return out + ("".join(lines) if all(map(_is_printable, lines)) else _format_binary(old, new))


def _is_printable(line: str) -> bool:
    """Return whether a line of a patch has no control sequences for a terminal or a CI log.

    A patch must be exact, so such lines can't be escaped: the file is written as a binary patch.
    """
    parts = [part.removesuffix("\r").replace("\t", " ") for part in line.split("\n")]
    return all(plain(part) == part for part in parts)


def _quote(path: str) -> str:
    """Return a path as Git writes it in a patch: quoted if it has unusual characters."""
    if plain(path) == path and not set(path) & set('"\\'):
        return path
    name = "".join(
        chr(byte) if 32 <= byte <= 126 and byte not in b'"\\#:' else f"\\{byte:03o}"
        for byte in os.fsencode(path)
    )
    return f'"{name}"'


def _format_binary(old: File | None, new: File | None) -> str:
    """Return a patch in Git's binary format: the new content, then the old."""
    names = "..".join(
        hashlib.sha1(b"blob %d\0" % len(file.data) + file.data).hexdigest() if file else "0" * 40
        for file in (old, new)
    )
    out = f"index {names}\nGIT binary patch\n"
    for file in (new, old):
        data = file.data if file else b""
        packed = zlib.compress(data)
        out += f"literal {len(data)}\n"
        for at in range(0, len(packed), 52):
            part = packed[at : at + 52]
            size = chr(len(part) + (64 if len(part) <= 26 else 70))
            out += f"{size}{base64.b85encode(part, pad=True).decode()}\n"
        out += "\n"
    return out


def _split_lines(file: File | None) -> list[str] | None:
    if file is None:
        return []
    if file.mode == LINK:
        return [file.data.decode(errors="replace")]
    assert file.mode <= PROGRAM
    if file.text is None:
        return None
    parts = file.text.split("\n")
    return [f"{line}\n" for line in parts[:-1]] + ([parts[-1]] if parts[-1] else [])
