"""A number that stops a merge, with the bound on which it is decided.

Gates are in the config block `gates` of docs/eval_pack.md; `mlcharter gate reports/*.json` decides
each on the reports of a run. Changing the threshold in the document changes what CI decides.

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
