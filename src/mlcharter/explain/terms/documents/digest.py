"""The SHA-256 hash of a linked file, written after an evidence link.

It records the content that somebody has reviewed. Write `(sha256:…)` with the first 16 hex digits
that `sha256sum` prints. Line endings of text files do not matter. If what the file says changes,
its evidence is stale, and `evidence-stale` reports it; `check` finds the reviewed version in the
Git history by its digest, and ignores a change of layout. Without a digest, no change is found.

Example:

    - [x] `rollback-drilled` The rollback was carried out.
      Evidence: [log](../reports/released/drill.txt) (sha256:50a725502dd140ea)
"""

ALSO = ("sha256",)
