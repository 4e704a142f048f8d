"""What proves a ticked item: a link behind `Evidence:`, in the item's own lines.

Link a file of the repository, or an address that begins `https://`. A report that each run writes
again proves nothing later: freeze a copy in `reports/released` and link that.
A digest after the link is optional; with it, `check` reports when the file changes.

Example:

    - [x] `rollback-drilled` The rollback was carried out.
      Evidence: [log](../reports/released/drill.txt) (sha256:50a725502dd140ea)
    - [x] `alerts-tested` Every alert has fired once. Evidence: https://ci.acme.example/4711
"""

ALSO = ("proof", "proven")
