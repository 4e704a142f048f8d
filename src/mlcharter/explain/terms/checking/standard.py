"""Settings of an organisation that apply to all its repositories.

The settings of a repository name it with `extends`: a path in the repository, or a file at a
commit, `git+https://…@<commit>#<file>`, which `mlcharter check --fetch` downloads once. A standard
can require more documents, sections and items, `exclude` some of the template's, and say under
`provided_elsewhere` where a document is kept instead. With `locked: true`, the settings of a
repository cannot weaken it. `mlcharter new` and `mlcharter adopt` take it with `--standard`.

Example:

    --- standards/organisation.yml
    locked: true
    level: complete
    waiver_days: 180
    minimum_template: v0.1.0
    exclude: [docs/ninety_day_plan.md]
    provided_elsewhere: {ops/dr_drill.md: "https://wiki.acme.example/dr"}
    require:
      - path: docs/privacy.md
        sections:
          - id: purpose
            items: [{id: purpose-stated, tier: prototype, text: The purpose is stated.}]
"""

ALSO = ("extends", "organisation")
