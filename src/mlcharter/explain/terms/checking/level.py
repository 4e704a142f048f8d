"""How far a repository has come, and so which rules fail.

`--level` sets it, else the settings, for a branch or a path; else it is draft.
What fails at a later level is counted until then.

Example:

    --- .mlcharter.yml
    level: draft
    levels:
      - branch: release/*
        level: release
"""
