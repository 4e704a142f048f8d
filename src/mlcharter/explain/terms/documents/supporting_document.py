"""A document of the charter beside the six standard ones: a card, a decision, a drill, a plan.

`supporting-document-missing` finds one that is missing, from level complete on. What only
describes the skeleton that shipped may go together with that skeleton.
"""
