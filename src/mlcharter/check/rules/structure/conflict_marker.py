"""A merge conflict is not resolved: its markers are still in a document or in the settings.

Both sides are there, so nobody can tell which of them holds.
A fence with the word `diff` behind its opening may show markers as an example.

Flagged:

    # Fraud watch: design

    <<<<<<< yours
    A refusal takes one day.
    =======
    A refusal takes two days.
    >>>>>>> template

Flagged:

    # Fraud watch: design

    A refusal takes one day.
    >>>>>>> template

Flagged:

    --- .mlcharter.yml
    <<<<<<< HEAD
    level: draft
    =======
    level: complete
    >>>>>>> topic

Fine:

    # Fraud watch: design

    A heading of seven letters
    =======

    ```diff
    <<<<<<< HEAD
    =======
    >>>>>>> topic
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.charter.settings import SETTINGS
from mlcharter.markdown.document import Document
from mlcharter.support.finding import Finding
from mlcharter.template.answers import ANSWERS

LEVEL = "draft"
_MARKERS = ("<<<<<<<", "|||||||", ">>>>>>>")
_REMEDY = "keep what holds, and remove the lines that begin with `<<<<<<<`, `=======`, `>>>>>>>`"


def check(charter: Charter) -> Iterator[Finding]:
    for document in charter.documents:
        found = list(_conflicts(document.text))
        shown = _examples(document) if found else set()
        for line in found:
            if line not in shown:
                yield document.finding(line, f"a merge conflict is not resolved; {_REMEDY}")
    for path in (SETTINGS, ANSWERS):
        data = charter.file(path)
        if isinstance(data, bytes):
            for line in _conflicts(data.decode(errors="replace")):
                yield Finding(path, line, 1, "", f"a merge conflict is not resolved; {_REMEDY}")


def _conflicts(text: str) -> Iterator[int]:
    """The line where each conflict begins, or where what is left of one stands."""
    if not any(marker in text for marker in _MARKERS):
        return
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if line[:7] in _MARKERS and line[7:8] in ("", " ", "\r"):
            if not inside:
                yield number
            inside = line[0] == "<" or (inside and line[0] == "|")


def _examples(document: Document) -> set[int]:
    """The lines of the fences that may show markers."""
    return {
        line + 1
        for fence in document.structure.fences
        if fence.info.split()[:1] == ["diff"]
        for line in range(fence.start, fence.end)
    }
