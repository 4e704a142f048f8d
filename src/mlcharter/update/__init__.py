"""Update a charter to another version of the template, or add one to existing code.

`updating` merges a newer template or other answers, `adopting` adds a charter to a repository,
`reports` shows an update, `foreseeing` says for `diff` what one changes; `repository` and `merging`
are for commands that plan other changes.
All plan first, merge by structure, and write through a journal that survives `kill -9`.
"""

__all__ = [
    "adopting",
    "foreseeing",
    "merging",
    "reports",
    "repository",
    "updating",
]
