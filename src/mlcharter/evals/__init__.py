"""Measuring instruments for the evals of a repository: `from mlcharter.evals import intervals`.

Importing this package loads no other part of mlcharter, and neither click nor copier. `inputs`,
`reports` and `spans` need the standard library alone; the others need an extra of mlcharter:
`applied`, `rag`, `rl` or `platform`.
"""
