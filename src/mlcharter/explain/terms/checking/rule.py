"""One thing that `mlcharter check` looks for.

It fails from a level on, and its page has the reason, what is flagged and what is fine.
`--select` and `--ignore` take its name or a pattern such as `link-*`; an `allow` entry of the
settings let its findings stand for a while.
"""
