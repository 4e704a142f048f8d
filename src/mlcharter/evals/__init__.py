"""Measuring instruments for the evals of a repository: `from mlcharter.evals import intervals`.

Importing this package loads no other part of mlcharter, and neither click nor copier.

`digests`, `generation`, `inputs`, `questions`, `reports`, `retrieval`, `running`, `spans` and
`testing` need the standard library only.
Each of the extras `applied`, `rag`, `rl` and `platform` brings what `calibration`, `defects`,
`delays`, `drift`, `intervals`, `judges`, `ope`, `risk` and `sequential` need; `baselines`,
`columns`, `metrics`, `probes`, `splits` and `supervised` need `applied`, `answers` needs `rag`, and
`plots` needs one of these two; `bandits`, `fitted`, `logs` and `preferences` need `rl`. `sbom` is
what `make sbom` runs.

Whatever is random takes a seed. What is wrong with an argument is a ValueError that says where.
METHODS has the version of each instrument, and a report names those that it used. Another version
means other numbers on the same data, and comes with a major version of mlcharter only.
"""

METHODS = {
    # modules
    "answers": "2",
    "bandits": "1",
    "baselines": "1",
    "calibration": "1",
    "digests": "1",
    "drift": "1",
    "fitted": "1",
    "judges": "1",
    "metrics": "1",
    "ope": "2",
    "preferences": "1",
    "probes": "1",
    "retrieval": "1",
    "risk": "1",
    "sequential": "2",
    "splits": "1",
    # methods of intervals
    "bca": "1",
    "beta-mixture": "1",
    "clopper-pearson": "1",
    "delong": "1",
    "korn-graubard": "1",
    "percentile": "1",
    "rogan-gladen": "1",
    "wilson": "1",
}


def name_method(method: str) -> str:
    """Return a method of intervals with its version, as an `Estimate` has it: `bca-1`."""
    return f"{method}-{METHODS[method]}"
