"""An end, an owner and a reason under which something that is asked for is let stand.

On an item it stands behind the sentence, and the box stays open; in a config block it is `waived` of an
entry, in the settings an entry of `allow`. It fails again after its day (`waiver-expired`), and
without an end, an owner or a reason at once (`waiver-invalid`).

Example:

    - [ ] `slice-gates` Every protected slice has a gate.
      Waived until 2027-01-31 by @lead: labels arrive in January.
"""

ALSO = ("waived",)
