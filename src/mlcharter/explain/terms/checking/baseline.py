"""A file with old findings, which are counted and do not fail.

Use it when you add `mlcharter check` to an existing repository: only new findings fail then.
`mlcharter check --write-baseline` writes `.mlcharter-baseline.json`; commit it. An entry matches a
finding by rule, file and message, so lines may move. When you have corrected a finding,
`baseline-stale` fails until you remove its entry, by hand or with `--write-baseline`.

Example:

    --- .mlcharter-baseline.json
    {
     "version": 1,
     "owner": "@lead",
     "findings": []
    }
"""
