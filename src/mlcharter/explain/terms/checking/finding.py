"""One thing that `mlcharter check` found: where, what is wrong, what to do, and which rule.

It fails, is counted since its rule fails at a later level only, is allowed by the settings, or is
known from the baseline. `mlcharter explain` with the rule's name says why it is asked, with
examples. Only what fails makes the exit code 1.
"""

ALSO = ("counted", "known")
