"""A prompt was deleted although its section is not filled.

The prompt is the question. Without it, the next person sees a heading and guesses.

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

Fine:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    It decides which payments wait for a person; until now every payment above 500 euros does.
"""

from collections.abc import Iterator

from mlcharter import filling
from mlcharter.charter import Charter
from mlcharter.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    for wanted, section in charter.sections:
        asked = any(block.kind == "prompt" for block in section.blocks)
        if wanted.prompts and not asked and filling.unfilled(charter.demands, wanted, section):
            message = f"the section `{wanted.id}` has lost its prompt before it was answered"
            yield section.document.finding(section.line, f"{message}; restore it from Git")
