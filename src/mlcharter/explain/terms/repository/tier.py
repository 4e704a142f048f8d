"""How much is at stake: prototype, production or critical; it decides which parts the charter has.

A higher tier has everything that a lower one has, and more documents, sections, config blocks and
items. A new repository is a prototype unless you choose otherwise. `mlcharter update --tier
production` brings what that tier adds, in its place, and keeps what you wrote.
"""
