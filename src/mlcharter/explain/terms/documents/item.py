"""A line of a checklist with a box and an id; the tier says from when on it is required.

It is ticked with evidence, or waived. The id is how others name it, so it stays when the words
change. One that was deleted is found by `item-removed`; `mlcharter explain` with its id says what
it asks.

Example:

    - [ ] `slice-gates` Every protected slice has a gate.
"""

ALSO = ("box", "checklist", "ticked")
