"""One problem that `mlcharter check` reports: the place, what is wrong, what to do, and the rule.

A finding has one of four outcomes. It fails. It is counted, if its rule fails only at a later
level. It is allowed by the settings. Or it is known, from the baseline. Only a finding that fails
makes the exit code 1. `mlcharter explain` with the name of the rule shows the reason and examples.
"""

ALSO = ("counted", "known")
