"""A part of the charter that this repository never needs, with an owner and a reason.

It is a document, a section or an item, and has no end date: a waiver means "not yet", this means
"never". Nothing in it is required, and links into it are not broken. It is reviewed with its
document; `reviewed` is the date for a document that you deleted.

Example:

    not_applicable:
      docs/reward_spec.md: {by: "@ada", reason: we train no policy, reviewed: 2026-11-23}
      canary: {by: "@ada", reason: the model runs once a month}
"""
