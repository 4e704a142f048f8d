"""A line in proofs.json that shows that a gate can fail.

An eval has a defect for each gate: a function that breaks the system in the way that the gate is
there to notice. `mlcharter prove` measures the broken system, and writes the line if the gate
fails. If it fails without the defect as well, the defect must make it clearly worse: the value must
be worse than all of the interval of the system itself. The proof is valid until the gate or an
input of its eval changes; then the rule `proof-missing` reports it at level complete.
"""
