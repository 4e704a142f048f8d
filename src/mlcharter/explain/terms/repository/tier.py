"""How much is at stake: prototype, production or critical; it decides which items are required.

Each item is required from one tier on, so a higher tier requires more items. You choose the tier
when you create the repository. The settings can override it, and `mlcharter update --tier` changes
it.
"""
