"""A config block that the template gave is gone from its section.

CI reads nothing, finds nothing wrong, and passes.

Template:

    # Fraud watch: evaluation pack

    ## CI gates
    <!-- section: ci-gates -->

    <!-- config: gates -->
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

    <!-- config: gates -->
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
    for demand, document in charter.read:
        here = Counter(config.kind for config in document.configs)
        wanted = Counter(kind for section in demand.sections for kind in set(section.configs))
        for part in demand.sections:
            section = document.section(part.id)
            if section is None:
                continue
            present = {config.kind for config in section.configs}
            for kind in dict.fromkeys(part.configs):
                if kind not in present and here[kind] < wanted[kind]:
                    message = f"the section `{part.id}` has lost its config block `{kind}`"
                    yield document.finding(section.line, f"{message}; restore it with `--fix`")
