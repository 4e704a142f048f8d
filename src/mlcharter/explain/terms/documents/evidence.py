"""A link after `Evidence:` in a ticked item; it shows that the item is true.

Link a file in the repository, or an `https://` address. Do not link a report that every run
overwrites: copy it to `reports/released` and link the copy. A digest after the link is optional;
with it, `check` reports when the file has changed.

Example:

    - [x] `rollback-drilled` The rollback was carried out.
      Evidence: [log](../reports/released/drill.txt) (sha256:50a725502dd140ea)
    - [x] `alerts-tested` Every alert has fired once. Evidence: https://ci.acme.example/4711
"""

ALSO = ("proof", "proven")
