"""What the questions of `mlcharter new` were answered with, and which template was used.

They stand in `.copier-answers.yml` and decide which documents, sections and items are demanded.
Change them with `mlcharter update --data KEY=VALUE`, `--track` or `--tier`, not by hand: the
documents change with them. Without this file nobody knows what the repository is held to.
"""
