"""A contract that the template gave is gone from its section.

CI reads nothing, finds nothing wrong, and passes.

Template:

    # Fraud watch: evaluation pack

    ## CI gates
    <!-- section: ci-gates -->

    <!-- contract: gates -->
    ```yaml
    - id: null
    ```

Flagged:

    # Fraud watch: evaluation pack

    ## CI gates
    <!-- section: ci-gates -->

    Two numbers stop a merge.

Fine:

    # Fraud watch: evaluation pack

    ## CI gates
    <!-- section: ci-gates -->

    <!-- contract: gates -->
    ```yaml
    - id: auc-overall
    ```
"""

from collections import Counter
from collections.abc import Iterator

from mlcharter.charter.charter import Charter
from mlcharter.support.finding import Finding

LEVEL = "draft"


def check(charter: Charter) -> Iterator[Finding]:
    for demand, document in charter.demanded:
        here = Counter(contract.kind for contract in document.contracts)
        wanted = Counter(kind for section in demand.sections for kind in set(section.contracts))
        for part in demand.sections:
            section = document.section(part.id)
            if section is None:
                continue
            present = {contract.kind for contract in section.contracts}
            for kind in dict.fromkeys(part.contracts):
                if kind not in present and here[kind] < wanted[kind]:
                    message = f"the section `{part.id}` has lost its contract `{kind}`"
                    yield document.finding(section.line, f"{message}; restore it with `--fix`")
