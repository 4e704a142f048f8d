"""A section is not filled in.

A placeholder, copied guidance, lorem ipsum or a heading without text does not answer what the
section asks.

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

    <!-- Which decision does this model change, and who makes it today? -->

    Not written yet.

Flagged:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    Which decision does this model change, and who makes it today?

Flagged:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    ### The problem

    Lorem ipsum dolor sit amet, consectetur adipiscing elit.

Fine:

    # Fraud watch: design

    ## Problem
    <!-- section: problem -->

    It decides which payments wait for a person; until now every payment above 500 euros does.
"""

from collections.abc import Iterator

from mlcharter.charter import filling
from mlcharter.charter.charter import Charter
from mlcharter.markdown.document import PLACEHOLDER
from mlcharter.support.finding import Finding

LEVEL = "complete"


def check(charter: Charter) -> Iterator[Finding]:
    for spec, section, reason in charter.unfilled:
        block = filling.placeholder(section)
        message = f"the section `{spec.id}` {reason}; answer its guidance"
        yield section.document.finding(block.line if block else section.line, message)
    in_template = {(section.document.path, section.line) for _, section in charter.sections}
    for document in charter.documents:
        if PLACEHOLDER not in document.text:
            continue
        for section in document.sections:
            block = filling.placeholder(section)
            if charter.spec.is_left_out(document.path, section.id):
                continue
            if block and (document.path, section.line) not in in_template:
                message = f"the section `{section.id or section.heading}` is not written yet"
                yield document.finding(block.line, f"{message}; write it or remove it")
