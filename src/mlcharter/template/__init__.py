"""Read, fetch and render the template.

`specification` reads what a charter must contain, `answers` the answers of a repository and
`questionnaire` the questions; `sources` fetches versions; only `rendering` calls Copier.
"""

__all__ = [
    "allowed_folders",
    "answers",
    "bundled",
    "composing",
    "fingerprint",
    "history",
    "questionnaire",
    "recorded_source",
    "rendering",
    "sources",
    "specification",
    "template",
]
