"""The digest behind an evidence link: what the file was when somebody looked at it.

`(sha256:…)` with the first 16 hex digits of the file's SHA-256, as `sha256sum` prints it. Line
ends of text do not count. Without a stamp nobody is told when the file changes. Another digest
makes the item suspect.

Example:

    - [x] `rollback-drilled` The rollback was carried out.
      Evidence: [log](../reports/released/drill.txt) (sha256:50a725502dd140ea)
"""

ALSO = ("digest", "sha256")
