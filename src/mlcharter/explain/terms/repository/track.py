"""What kind of ML a repository does; each brings sections, items, config blocks and evals of its own.

A repository has one or more. `mlcharter update --track T` adds one, `--drop-track T` drops one.
"""
