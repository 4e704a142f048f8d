"""A document of the charter beside the six standard ones: a card, a decision, a drill, a plan.

One that is missing is found by `supporting-document-missing`, from level complete on. What only describes the
skeleton that shipped may go together with that skeleton.
"""
