"""Merging running text: sentences of a paragraph, words of a checklist item, lines of code."""

import re

from mlcharter.update.merging.layout import said
from mlcharter.update.merging.sequence import Result, diff3, marked


def paragraph(base: str, theirs: str, ours: str) -> Result:
    """By sentences, however they are wrapped; the paragraph is the smallest to conflict."""
    merged = _spliced(*(_sentences(text) for text in (base, theirs, ours)))
    return Result(merged) if merged is not None else Result(marked(ours, theirs), conflict=True)


def item(base: str, theirs: str, ours: str) -> Result:
    """Tick, evidence, waiver and added words are ours; the wording and the tier the template's."""
    versions = base, theirs, ours
    tick = ours[: _start(ours)]
    ticks = [said(text[: _start(text)]) for text in versions]
    if _start(base) and ticks[2] == ticks[0] != ticks[1]:
        tick = theirs[: _start(theirs)]
    rests = [text[_start(text) :] for text in versions]
    comments = [_TIER.search(rest) for rest in rests]
    bare = [_TIER.sub("", rest).rstrip() for rest in rests]
    merged = _wording(*bare)
    if merged is None:
        return Result(marked(ours, theirs), conflict=True)
    tier = [found.group().strip() if found else "" for found in comments]
    chosen = tier[1] if tier[2] == tier[0] else tier[2]
    return Result(f"{tick}{_with_comment(merged, chosen, rests[2])}\n")


def lines(base: str, theirs: str, ours: str) -> Result:
    """By lines, with markers round those that clash."""
    old, new, mine = (text.splitlines(keepends=True) for text in (base, theirs, ours))
    out = ""
    conflict = False
    for chunk in diff3(old, new, mine):
        left, right = "".join(mine[chunk.ours]), "".join(new[chunk.theirs])
        if chunk.who == "clash":
            conflict = True
            out = out if not out or out.endswith("\n") else f"{out}\n"
            out += marked(left, right)
        else:
            out += right if chunk.who == "theirs" else left
    return Result(out, conflict)


_WORD = re.compile(r"\S+\s*")
_TIER = re.compile(r"(?<!\s)\s*+<!--\s*from\s+\S+\s*-->")
_BOX = re.compile(r"\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?")


def _sentences(text: str) -> list[str]:
    found = [""]
    for word in _WORD.findall(text):
        found[-1] += word
        if word.rstrip()[-1] in ".!?:;":
            found.append("")
    return [sentence for sentence in found if sentence]


def _start(text: str) -> int:
    found = _BOX.match(text)
    return found.end() if found else 0


def _wording(base: str, theirs: str, ours: str) -> str | None:
    """Ours with the template's new wording in place of its old one."""
    old, new = ([said(word) for word in text.split()] for text in (base, theirs))
    if old == new:
        return ours
    words = _WORD.findall(ours)
    mine = [said(word) for word in words]
    for at in range(len(mine) - len(old) + 1):
        if mine[at : at + len(old)] == old:
            tail = "".join(words[at + len(old) :])
            return "".join(words[:at]) + theirs.strip() + (f" {tail}" if tail else "")
    return _spliced(_WORD.findall(base), _WORD.findall(theirs), words)


def _with_comment(text: str, comment: str, before: str) -> str:
    """`text` with the tier's comment where ours had it: before what follows, or at the end."""
    text = text.rstrip()
    found = _TIER.search(before)
    if not comment or comment in text:
        return text
    if found and (tail := before[found.end() :].strip()) and text.endswith(tail):
        return f"{text[: len(text) - len(tail)].rstrip()} {comment}{before[found.end() :].rstrip()}"
    return f"{text} {comment}"


def _spliced(base: list[str], theirs: list[str], ours: list[str]) -> str | None:
    """Ours, with the pieces that only the template changed replaced; None where both did."""
    stripped = [[said(piece) for piece in pieces] for pieces in (base, theirs, ours)]
    out: list[str] = []
    for chunk in diff3(*stripped):
        if chunk.who == "clash":
            return None
        pieces = theirs[chunk.theirs] if chunk.who == "theirs" else ours[chunk.ours]
        for piece in pieces:
            if out and not out[-1][-1:].isspace():
                out[-1] += " "
            out.append(piece)
    text = "".join(out)
    ending = "\n" if ours and ours[-1].endswith("\n") else ""
    return text.rstrip() + ending
