"""How much is at stake: which items are required, each from a tier on.

It was answered when the repository was founded; the settings may name another. `mlcharter update
--tier` changes the answer.
"""
