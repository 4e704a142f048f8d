"""A part of the starter is left: the system that ships with the template, so that day one runs.

A gate on the starter, and a sentence about it, say nothing about the team's own system. Replace
them with `mlcharter starter replace`, or remove them with `mlcharter starter remove`.

Flagged:

    --- .copier-answers.yml
    layout: full
    starter: true
    tier: production
    tracks: [applied]

Flagged:

    <!-- config: slices -->
    ```yaml
    - id: smooth
      dataset: wdbc
      where: fractal dimension below 0.06
      min_n: 50
      protected: false
      alert: null
      starter: true
    ```

Flagged:

    <!-- starter -->
    A mass is a breast mass on a slide.

Fine:

    <!-- config: slices -->
    ```yaml
    - id: first-time-buyers
      dataset: loans
      where: the applicant has no earlier mortgage
      min_n: 50
      protected: false
      alert: null
    ```
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "complete"
MARKER = "<!-- starter -->"
_REMEDY = "run `mlcharter starter list`"


def check(charter: Charter) -> Iterator[Finding]:
    if charter.answers.values.get("starter") is True:
        message = f"the starter system is still here; {_REMEDY}"
        yield charter.answers.finding("starter", message)
    for kind in charter.kinds:
        for entry in charter.every(kind):
            if getattr(entry.value, "starter", False):
                yield entry.finding(f"{entry.subject} is about the starter; {_REMEDY}", "starter")
    for document in charter.documents:
        for block in document.blocks:
            if block.kind == "guidance" and block.text.strip() == MARKER:
                message = f"the text below `{MARKER}` is about the starter; {_REMEDY}"
                yield document.finding(block.line, message)
