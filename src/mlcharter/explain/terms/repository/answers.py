"""The answers to the questions of `mlcharter new`, with the template and its version.

They are in `.copier-answers.yml` and decide which documents, sections and items are required.
Change them with `mlcharter update --data KEY=VALUE`, `--track` or `--tier`, not by hand, since the
documents must change too. Without this file, `check` does not know what the repository must have.
"""
