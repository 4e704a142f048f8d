"""Settings of an organisation that apply to all its repositories.

The settings of a repository name it with `extends`: a path in the repository, or a file at a
commit, `git+https://…@<commit>#<file>`, which `mlcharter check --fetch` downloads once. A standard
can require more documents, sections and items. With `locked: true`, the settings of a repository
cannot weaken it.

Example:

    --- standards/organisation.yml
    locked: true
    level: complete
    waiver_days: 180
    minimum_template: v0.1.0
    require:
      - path: docs/privacy.md
        sections:
          - id: purpose
            items: [{id: purpose-stated, tier: prototype, text: The purpose is stated.}]
"""

ALSO = ("extends", "organisation")
