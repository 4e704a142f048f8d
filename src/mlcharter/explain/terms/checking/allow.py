"""An entry of the settings that suppresses findings until a date.

It is in `.mlcharter.yml` and must have an end date, an owner and a reason. `path` is a pattern;
without it, the entry applies to every file. Findings about the settings cannot be suppressed. After
the end date the findings fail again, and `waiver-expired` reports the entry. `allow-unused` reports
an entry that matches no finding.

Example:

    --- .mlcharter.yml
    allow:
      - rule: link-broken
        path: docs/*
        until: 2027-01-31
        by: "@lead"
        reason: the wiki is moving
"""

ALSO = ("allowed",)
