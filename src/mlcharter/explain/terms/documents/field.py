"""A line under the title of a document: `Owner:` or `Reviewed:`.

The owner is a handle or e-mail address that is also in CODEOWNERS. `Reviewed:` has a date and the
reviewer. `field-empty` reports a missing value. `review-overdue` reports a date that is older than
the settings allow.

Example:

    # Fraud watch: design

    Owner: @acme/fraud

    Reviewed: 2026-11-23 by @ada
"""

ALSO = ("owner", "reviewed")
