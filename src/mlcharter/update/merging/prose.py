"""Merge text: paragraphs by sentences, checklist items by words, code by lines."""

import re

from mlcharter.update.merging.layout import strip_layout
from mlcharter.update.merging.sequence import Result, add_markers, diff3


def merge_paragraph(base: str, theirs: str, ours: str) -> Result:
    """Merge by sentences, however they are wrapped; a conflict marks the whole paragraph."""
    merged = _splice(*(_split_sentences(text) for text in (base, theirs, ours)))
    return (
        Result(merged) if merged is not None else Result(add_markers(ours, theirs), conflict=True)
    )


def merge_item(base: str, theirs: str, ours: str) -> Result:
    """Merge a list item: our tick, evidence, waiver and additions, their wording and tier."""
    versions = base, theirs, ours
    tick = ours[: _find_text(ours)]
    ticks = [strip_layout(text[: _find_text(text)]) for text in versions]
    if _find_text(base) and ticks[2] == ticks[0] != ticks[1]:
        tick = theirs[: _find_text(theirs)]
    rests = [text[_find_text(text) :] for text in versions]
    comments = [_TIER.search(rest) for rest in rests]
    bare = [_TIER.sub("", rest).rstrip() for rest in rests]
    merged = _merge_wording(*bare)
    if merged is None:
        return Result(add_markers(ours, theirs), conflict=True)
    tier = [match.group().strip() if match else "" for match in comments]
    chosen = tier[1] if tier[2] == tier[0] else tier[2]
    return Result(f"{tick}{_add_comment(merged, chosen, rests[2])}\n")


def merge_lines(base: str, theirs: str, ours: str) -> Result:
    """Merge by lines, with markers around those that conflict."""
    old, new, mine = (text.splitlines(keepends=True) for text in (base, theirs, ours))
    out = ""
    conflict = False
    for chunk in diff3(old, new, mine):
        left, right = "".join(mine[chunk.ours]), "".join(new[chunk.theirs])
        if chunk.changed_by == "conflict":
            conflict = True
            out = out if not out or out.endswith("\n") else f"{out}\n"
            out += add_markers(left, right)
        else:
            out += right if chunk.changed_by == "theirs" else left
    return Result(out, conflict)


_WORD = re.compile(r"\S+\s*")
_TIER = re.compile(r"(?<!\s)\s*+<!--\s*from\s+\S+\s*-->")
_BOX = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?")


def _split_sentences(text: str) -> list[str]:
    sentences = [""]
    for word in _WORD.findall(text):
        sentences[-1] += word
        if word.rstrip()[-1] in ".!?:;":
            sentences.append("")
    return [sentence for sentence in sentences if sentence]


def _find_text(text: str) -> int:
    """Return where the text of a list item starts, after its marker and box."""
    box = _BOX.match(text)
    return box.end() if box else 0


def _merge_wording(base: str, theirs: str, ours: str) -> str | None:
    """Return ours with the template's old wording replaced by its new one."""
    old, new = ([strip_layout(word) for word in text.split()] for text in (base, theirs))
    if old == new:
        return ours
    words = _WORD.findall(ours)
    mine = [strip_layout(word) for word in words]
    for at in range(len(mine) - len(old) + 1):
        if mine[at : at + len(old)] == old:
            tail = "".join(words[at + len(old) :])
            return "".join(words[:at]) + theirs.strip() + (f" {tail}" if tail else "")
    return _splice(_WORD.findall(base), _WORD.findall(theirs), words)


def _add_comment(text: str, comment: str, before: str) -> str:
    """Return `text` with the tier's comment where ours had it, else at the end."""
    text = text.rstrip()
    old = _TIER.search(before)
    if not comment or comment in text:
        return text
    if old and (tail := before[old.end() :].strip()) and text.endswith(tail):
        return f"{text[: len(text) - len(tail)].rstrip()} {comment}{before[old.end() :].rstrip()}"
    return f"{text} {comment}"


def _splice(base: list[str], theirs: list[str], ours: list[str]) -> str | None:
    """Return ours with the pieces that only the template changed; None if both changed one."""
    stripped = [[strip_layout(piece) for piece in pieces] for pieces in (base, theirs, ours)]
    out: list[str] = []
    for chunk in diff3(*stripped):
        if chunk.changed_by == "conflict":
            return None
        pieces = theirs[chunk.theirs] if chunk.changed_by == "theirs" else ours[chunk.ours]
        for piece in pieces:
            if out and not out[-1][-1:].isspace():
                out[-1] += " "
            out.append(piece)
    text = "".join(out)
    ending = "\n" if ours and ours[-1].endswith("\n") else ""
    return text.rstrip() + ending
