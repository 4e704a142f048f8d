"""Findings that were there when a repository was first checked: counted with their age, not failed.

`mlcharter check --write-baseline` writes `.mlcharter-baseline.json`; commit it. An entry is found
again by its rule, file and message, so lines may move. It may only shrink: when a finding is gone,
`baseline-stale` fails until the entry is removed, by hand or by `--write-baseline`.

Example:

    --- .mlcharter-baseline.json
    {
     "version": 1,
     "owner": "@lead",
     "findings": []
    }
"""
