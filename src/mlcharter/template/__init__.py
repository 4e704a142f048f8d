"""The template as a specification, as a source of versions, and as what Copier renders.

`specification` says what a charter must contain; `answers` reads the answers of a repository and
`questionnaire` the questions; `rendering` alone calls Copier; `sources` fetches versions.
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
