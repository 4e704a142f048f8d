"""A YAML block in a document that tools read: gates, SLOs, budgets, permissions of agents' tools.

The comment above it names its kind. If a kind is a list, it may have several blocks, which are
joined; a mapping has one block. A block counts as not filled in while every value is `null`. An
entry can have `waived: {until, by, reason}`: rules skip it until that date.

Example:

    <!-- config: constraints -->
    ```yaml
    - id: score-in-time
      kind: latency
      value: 0.3
      unit: s
      mirrors: score-latency
    ```
"""

ALSO = ("kind",)
