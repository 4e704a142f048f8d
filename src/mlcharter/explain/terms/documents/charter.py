"""The documents that a repository is held to, with the files that say which they are.

What it is for, how it is judged, how it is run, what may go wrong, what it costs, and which
versions are live. `mlcharter check` holds the repository to it, `mlcharter status` says how far
it has come, and `mlcharter adopt` brings one to a repository that has none.
"""
