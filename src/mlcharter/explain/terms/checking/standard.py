"""An organisation's settings, which the settings of its repositories extend.

`extends` in `.mlcharter.yml` gives a path in the repository, or a file at a commit:
`git+https://…@<commit>#<file>`, which `mlcharter check --fetch` fetches once. A standard may add
required documents, sections and items. With `locked: true`, no repository can weaken it.

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
