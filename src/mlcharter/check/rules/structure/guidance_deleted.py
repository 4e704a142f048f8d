"""Guidance was deleted although its section is not filled.

The guidance is the question. Without it, the next person sees a heading and guesses.

Template:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    <!-- Which decision does this model change, and who makes it today? -->

    Not written yet.

Flagged:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    Not written yet.

Flagged:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    <!-- config: kpis -->
    ```yaml
    - id: null
    ```

Fine:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    It decides which payments wait for a person; until now every payment above 500 euros does.
"""

from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    unfilled = {section for _, section, _ in charter.unfilled}
    blank = {(read.path, at.line) for read, at in charter.blank}
    for wanted, section in charter.sections:
        if not wanted.guidance or any(block.kind == "guidance" for block in section.blocks):
            continue
        document = section.document
        waiting = any((document.path, config.line) in blank for config in section.configs)
        if waiting or section in unfilled:
            message = f"the section `{wanted.id}` has lost its guidance before it was answered"
            yield document.finding(section.line, f"{message}; restore it with `--fix`")
