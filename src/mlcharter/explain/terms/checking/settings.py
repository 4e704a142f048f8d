"""What a repository is held to beyond its template, and what may stand for a while.

It stands in `.mlcharter.yml`, where every key may be left out, and may extend an organisation's
file: a path in the repository, or `git+https://…@<commit>#<file>`, fetched by `check --fetch`.
What that file locks cannot be weakened. Editors know its keys from `schemas/settings.json` in the
package; `settings-invalid` finds what it cannot mean.

Example:

    --- .mlcharter.yml
    level: complete
    levels:
      - branch: release/*
        level: release
    review_days: 90
    waiver_days: 180
    ignore: [review-overdue]
    allow:
      - rule: link-broken
        path: docs/*
        until: 2027-01-31
        by: "@lead"
        reason: the wiki is moving
"""
