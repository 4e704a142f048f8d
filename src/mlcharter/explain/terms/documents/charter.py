"""The documents that describe an ML system, together with its answers, settings and baseline.

Six documents are always there: design, evaluation, operation, safety, cost and versions.
`mlcharter check` checks the documents and compares them with the repository, `mlcharter status`
shows how complete they are, and `mlcharter adopt` adds them to an existing repository.
"""
