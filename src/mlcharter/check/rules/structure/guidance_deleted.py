"""Guidance was deleted before its section was filled in.

The guidance asks what the section must answer. Without it, the next author sees only a heading.

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
    blank = {(document.path, config.line) for document, config in charter.blank}
    for spec, section in charter.sections:
        if not spec.guidance or any(block.kind == "guidance" for block in section.blocks):
            continue
        document = section.document
        has_blank = any((document.path, config.line) in blank for config in section.configs)
        if has_blank or section in unfilled:
            message = f"the guidance of the section `{spec.id}` was deleted before it was answered"
            yield document.finding(section.line, f"{message}; restore it with `--fix`")
