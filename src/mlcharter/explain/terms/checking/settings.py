"""What a repository asks of itself: level, review intervals, rules, waivers; in `.mlcharter.yml`.

Every key may be left out. `extends` names the standard of the organisation. Editors know the keys
from `schemas/settings.json` in the package; `settings-invalid` finds mistakes.

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
