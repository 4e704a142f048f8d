"""The file `.mlcharter.yml` in a repository: level, selected rules, review intervals, waivers.

Every key is optional. `extends` names the standard of the organisation. For completion in an
editor, use `schemas/settings.json` of the package. `settings-invalid` reports mistakes.

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
