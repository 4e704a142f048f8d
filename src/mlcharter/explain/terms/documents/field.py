"""A line under a document's title: `Owner:` and `Reviewed:`.

The owner is a handle or an e-mail address that CODEOWNERS knows; the review is a day, and by whom.
`field-empty` finds what is missing, `review-overdue` a day that is too long ago for the settings.

Example:

    # Fraud watch: design

    Owner: @acme/fraud

    Reviewed: 2026-11-23 by @ada
"""

ALSO = ("owner", "reviewed")
