"""The SHA-256 of a linked file, after an evidence link: its content when someone last checked it.

Write `(sha256:…)` with the first 16 hex digits that `sha256sum` prints. Line endings of text files
do not count. Without a digest, `check` cannot tell that the file changed. A different digest makes
the evidence stale (`evidence-stale`).

Example:

    - [x] `rollback-drilled` The rollback was carried out.
      Evidence: [log](../reports/released/drill.txt) (sha256:50a725502dd140ea)
"""

ALSO = ("sha256",)
