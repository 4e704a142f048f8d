"""Why an entry of a config block does not hold here, for a while; it has the shape of every waiver.

The rules and `mlcharter gate` leave the entry alone until that day; after it `waiver-expired` finds
it. What stands beside it stays, and must still be valid.

Example:

    <!-- config: constraints -->
    ```yaml
    - id: score-in-time
      kind: latency
      value: 0.3
      unit: s
      mirrors: score-latency
      waived:
        until: 2027-01-31
        by: "@lead"
        reason: nothing is served yet
    ```
"""
