"""A threshold for a metric; CI blocks a merge if it is not met.

Gates are entries of the config block `gates` in docs/eval_pack.md. `mlcharter gate reports/*.json`
compares them with the reports of a run. If you change a threshold in the document, CI uses the new
one.

`mlcharter gate --explain` says what a gate can decide, before a threshold is written and after a
run: with this n and spread, which true value passes with 80 % probability, how probably the
measured one passes, and how many cases it needs. Without a report it uses `min_n`, for proportions.
The intervals are those of the gate. A bootstrap is approximated by a normal distribution with the
spread that was observed.

Example:

    --- docs/eval_pack.md
    <!-- config: gates -->
    ```yaml
    - id: auc-overall
      metric: auc
      dataset: wdbc
      slice: all
      against: null
      op: ">="
      threshold: 0.95
      bound: lower95
      min_n: 100
      on_fail: block
      decided_on: 2026-11-02
      rationale: below this the review queue doubles
    ```
"""
