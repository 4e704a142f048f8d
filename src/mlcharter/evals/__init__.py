"""Measuring instruments for the evals of a repository: `from mlcharter.evals import intervals`.

Importing this package loads no other part of mlcharter, and neither click nor copier.

`digests`, `inputs`, `questions`, `reports`, `retrieval`, `running`, `spans` and `testing` need the
standard library only.
Each of the extras `applied`, `rag`, `rl` and `platform` brings what `calibration`, `defects`,
`intervals`, `judges`, `ope` and `sequential` need; `baselines`, `columns`, `metrics`, `plots`,
`probes`, `splits` and `supervised` need `applied`; `fitted` and `logs` need `rl`.

Whatever is random takes a seed. What is wrong with an argument is a ValueError that says where.
An `Estimate` names its method with a version; another version means other numbers on the same data.
"""
