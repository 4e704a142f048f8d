"""A kind of ML: applied, platform, rag or rl; it adds sections, items, config blocks and evals.

A repository has at least one track. `mlcharter update --track T` adds one, and `--drop-track T`
removes one.
"""
