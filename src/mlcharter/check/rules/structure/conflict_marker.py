"""A document, the settings or the answers file contains unresolved merge conflict markers.

Readers cannot tell which side is valid, and tools may read both.
A fenced block whose info string begins with `diff` may show markers as an example.

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
_MESSAGE = (
    "a merge conflict is not resolved; keep one side, and remove the lines that begin with "
    "`<<<<<<<`, `=======`, `>>>>>>>`"
)


def check(charter: Charter) -> Iterator[Finding]:
    for document in charter.documents:
        conflicts = list(_find_conflicts(document.text))
        examples = _find_example_lines(document) if conflicts else set()
        for line in conflicts:
            if line not in examples:
                yield document.finding(line, _MESSAGE)
    for path in (SETTINGS, ANSWERS):
        data = charter.file(path)
        if isinstance(data, bytes):
            for line in _find_conflicts(data.decode(errors="replace")):
                yield Finding(path, line, 1, "", _MESSAGE)


def _find_conflicts(text: str) -> Iterator[int]:
    """Yield the first line of each conflict, or of each marker outside a whole conflict."""
    if not any(marker in text for marker in _MARKERS):
        return
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if line[:7] in _MARKERS and line[7:8] in ("", " ", "\r"):
            if not inside:
                yield number
            inside = line[0] == "<" or (inside and line[0] == "|")


def _find_example_lines(document: Document) -> set[int]:
    """Return the lines of the fenced blocks that may show markers."""
    return {
        line + 1
        for fence in document.structure.fences
        if fence.info.split()[:1] == ["diff"]
        for line in range(fence.start, fence.end)
    }
