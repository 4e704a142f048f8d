"""How strict `mlcharter check` is: draft, complete or release; it decides which rules fail.

At draft, the documents must have the required structure. At complete, they must be filled in and
consistent. At release, required items must have evidence or a waiver. Set the level with `--level`,
or in the settings for a branch or a path; the default is draft. Findings of a later level are only
counted.

Example:

    --- .mlcharter.yml
    level: draft
    levels:
      - branch: release/*
        level: release
"""
