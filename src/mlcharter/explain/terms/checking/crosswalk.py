"""Which parts of the charter answer each clause of a law, a framework or a list of risks.

A clause names items, sections and config blocks, and in `gap` what they do not show. In a
repository it is `with evidence`, `partly` (a gap is left, or not all is asked of this tier and
these tracks), `waived`, `open` or `not covered`. `mlcharter status --crosswalk` shows it, and
`mlcharter export crosswalks` writes a document for each crosswalk that the settings name. A
standard can add to ours, and define others.

Example:

    --- .mlcharter.yml
    crosswalks:
      annex-iv:
        clauses:
          - {id: "8", items: [declaration-signed], gap: null}
      acme-policy:
        title: Acme's policy for machine learning
        clauses:
          - {id: "4.1", asks: a named owner, items: [decision-owner]}
          - {id: "4.2", asks: a yearly audit, gap: kept by the audit department}
    require:
      - path: docs/conformity.md
        sections:
          - id: declaration
            items: [{id: declaration-signed, text: The EU declaration of conformity is signed.}]
"""
