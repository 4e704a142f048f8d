"""A checklist entry with a box and an id, such as `slice-gates`.

Tick it and link evidence, or waive it. It is required from one tier on. You may reword the
sentence, but keep the id, since tools and other documents refer to it. `item-removed` reports a
deleted item. `mlcharter explain` with the id shows what it requires.

Example:

    - [ ] `slice-gates` Every protected slice has a gate.
"""

ALSO = ("box", "checklist", "ticked")
