"""Compare eval reports with the gates of the eval pack.

`engine` decides, `loading` reads what it needs from a repository, `inputs` finds stale reports,
`measurements` compares the numbers of reports, `verdict` is the result, and `reasons` explains it.
`power` computes which system passes with how many cases, and `explaining` says it for each gate.
`proving` runs evals on broken systems to show that gates can fail, and `proofs` says whether that
is still true; `eval_programs` starts them. `methods` says which gates other instruments may move.
"""

__all__ = [
    "engine",
    "eval_programs",
    "explaining",
    "inputs",
    "loading",
    "measurements",
    "methods",
    "power",
    "proofs",
    "proving",
    "reasons",
    "verdict",
]
