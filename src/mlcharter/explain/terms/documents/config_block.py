"""A block of YAML in a document that tools read: gates, SLOs, budgets, tool scopes.

The line above its fence says which kind it is. Lists of one kind may stand in several places, and
are joined; a mapping stands once. It has not been filled in while every value is `null`.
Any entry may carry `waived: {until, by, reason}`: for that long the rules leave it alone.

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
