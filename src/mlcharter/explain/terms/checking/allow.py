"""An entry of the settings that lets findings stand for a while.

It always has an end, an owner and a reason; `path` is a pattern, and every file where it is left
out. It stands in `.mlcharter.yml` and cannot excuse what is wrong with the settings themselves.
When its day has come the finding fails again, and `waiver-expired` says so; `allow-unused` finds
an entry that nothing needs.

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
