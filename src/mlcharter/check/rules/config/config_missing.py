"""A config block of the template is missing from its section.

Without the block, CI has nothing to check, and passes.

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
    for document_spec, document in charter.read:
        present = Counter(config.kind for config in document.configs)
        required = Counter(kind for spec in document_spec.sections for kind in set(spec.configs))
        for spec in document_spec.sections:
            section = document.section(spec.id)
            if section is None:
                continue
            in_section = {config.kind for config in section.configs}
            for kind in dict.fromkeys(spec.configs):
                if kind not in in_section and present[kind] < required[kind]:
                    message = f"the section `{spec.id}` has lost its config block `{kind}`"
                    yield document.finding(section.line, f"{message}; restore it with `--fix`")
