"""Permission to leave something undone until a date, with an owner and a reason.

For an item, write it after the sentence and leave the box open. In a config block, it is the key
`waived` of an entry. In the settings, it is an `allow` entry. Until the date, rules and
`mlcharter gate` skip what is waived, but a waived entry must still be valid. After the date, the
finding fails again (`waiver-expired`). A waiver without a date, an owner or a reason fails at once
(`waiver-invalid`).

Example:

    - [ ] `slice-gates` Every protected slice has a gate.
      Waived until 2027-01-31 by @lead: labels arrive in January.

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

ALSO = ("waived",)
