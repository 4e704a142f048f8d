"""A kind of ML that a repository does; each brings sections, items, config blocks and evals.

A repository has one or more. `mlcharter update --track T` adds one, `--drop-track T` drops one.
"""
